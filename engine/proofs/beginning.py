"""How a task may begin: the truths about its record that may hold before anybody has acted. What people fill in may be
anything; what transitions alone write has its first value still, or none.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.facts import seen
from engine.model import Body, Child
from engine.proofs.domains import Value, exactly
from engine.proofs.judging import Truths
from engine.proofs.model import Model, Place
from engine.values import first_value


def first_truths(model: Model, blank: Place) -> list[Truths]:
    """Every way in which the truths that are kept may stand at the beginning."""
    found: list[Truths] = [()]
    known = model.known(blank)
    known = known._replace(history=(*known.history, *unwritten(model.body)))
    for atom in model.atoms:
        found = [(*one, (atom, truth)) for one in found for truth in (True, False)]
        found = [one for one in found if model.judge.possible(known, one)]
    return found


def unwritten(body: Body) -> Iterator[tuple[str, Value]]:
    """What is known of the fields that transitions alone write before any has written. Nothing is of a child's: the act
    that opens it may give them.
    """
    for name, field in {} if isinstance(body, Child) else body.fields.items():
        if field.written_by is not None:
            value = first_value(field)
            yield f"has(task.{name})", value is not None
            if value is not None:
                yield f"task.{name}", exactly(seen(field, value))
