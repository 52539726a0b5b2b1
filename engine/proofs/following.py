"""What is true of a record once a transition has set some of its fields, by ranges: a truth that reads none of them
stays as it was; one that reads copies alone is what it was of what was copied; of any other the new values tell, or
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING

from engine.cel.tree import Node
from engine.proofs.trees import replaced

if TYPE_CHECKING:
    from engine.proofs.judging import Ranges, Truths
    from engine.proofs.valuing import Facts


def followed(ranges: Ranges, truths: Truths, changes: Mapping[str, str], facts: Facts) -> Iterator[Truths]:
    """Every way in which the truths may stand after the changes, where the facts were so before."""
    changed = {f"task.{name}" for name in changes}
    fresh = {name: value for name, value in facts.items() if _stays(name, changed)}
    for name, text in changes.items():
        fresh[f"task.{name}"] = ranges.value(ranges.tree(text), facts)
        fresh[f"has(task.{name})"] = _filled(ranges, name, text, facts)
    copies = {f"task.{name}": text for name, text in changes.items() if _is_variable(text)}
    choices = []
    for text, was in truths:
        moved = ranges.reads(text) & changed
        now = was if not moved else _of_copies(ranges, text, moved, copies, facts)
        now = now if now is not None else _truth(ranges, text, fresh)
        choices.append((True, False) if now is None else (now,))
    for combination in product(*choices):
        found = tuple((text, truth) for (text, _), truth in zip(truths, combination, strict=True))
        trial = dict(fresh)
        if all(ranges.assume(ranges.tree(text), trial, truth=truth) for text, truth in found):
            yield found


def _of_copies(
    ranges: Ranges, text: str, moved: frozenset[str], copies: Mapping[str, str], facts: Facts
) -> bool | None:
    """What a truth will be where all of it that changes is a plain copy: the same of what is copied, before."""
    if not moved <= copies.keys() or any(name.startswith("measure.") for name in ranges.reads(text)):
        return None
    value = ranges.value(replaced(ranges.tree(text), copies), facts)
    return value if isinstance(value, bool) else None


def _truth(ranges: Ranges, text: str, fresh: Facts) -> bool | None:
    value = ranges.value(ranges.tree(text), fresh)
    return value if isinstance(value, bool) else None


def _filled(ranges: Ranges, name: str, text: str, facts: Facts) -> bool | None:
    """Whether a field is set after an assignment: what is worked out is there, a copy of what is empty is not."""
    record, _, rest = text.partition(".")
    if record in ("form", "task", "parent") and rest.isidentifier():
        kept = ranges.sheet.forms.get(rest) if record == "form" else None
        return True if kept is not None and kept.required else ranges.value(_presence(text), facts)  # type: ignore[return-value]  # a condition
    return None if ranges.sheet.body.fields[name].type.value == "text" else True


def _stays(name: str, changed: set[str]) -> bool:
    """Whether a fact about the record holds still after these fields changed."""
    if name.startswith("has(task."):
        return name[4:-1] not in changed
    return name.startswith("task.") and name not in changed


def _is_variable(text: str) -> bool:
    record, _, rest = text.partition(".")
    return record in ("form", "task") and rest.isidentifier()


def _presence(name: str) -> Node:
    return {"node": "call", "function": "has", "arguments": [{"node": "ident", "name": name}]}
