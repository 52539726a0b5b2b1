"""Guards that may have no answer where they are asked: they are neither true nor false, so that the act is refused, or
what time fires comes to nothing. `answered` knows it of one expression; here is where and after what it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.cel.tree import walk
from engine.edition import Sheet
from engine.machine import sources
from engine.model import Transition
from engine.proofs.answered import may_lack_answer
from engine.proofs.filled import filled, is_given
from engine.proofs.judging import Truths
from engine.proofs.looks import choosing
from engine.proofs.model import Model, Place
from engine.proofs.solving import Solving


def doubtful(sheet: Sheet) -> list[str]:
    """The triggers of which some guard may have no answer, as far as its text and the states alone tell."""
    known = filled(sheet)
    found = []
    for each in sheet.body.transitions:
        sets = [known[state] for state in sources(sheet.body, each)]
        there = frozenset.intersection(*sets) if sets else frozenset(sheet.body.fields)
        if any(may_lack_answer(sheet, text, before, there | given_by(each), {}) for text, before in asked(each)):
            found.append(each.trigger)
    return found


def guards_of(sheet: Sheet, trigger: str) -> tuple[str, ...]:
    """The guards of a trigger."""
    return tuple(dict.fromkeys(choosing(sheet, trigger)))


def dated(sheet: Sheet, texts: Iterable[str]) -> Iterator[str]:
    """The deadlines of which expressions read the date."""
    for text in texts:
        for node in walk(sheet.expressions[text].root):
            if node.get("function") == "due":
                yield str(node["arguments"][0].get("value"))


def asked(transition: Transition) -> Iterator[tuple[str, Truths]]:
    """The guards of a transition, each with those that were asked before and what they came to."""
    before: Truths = ()
    if transition.when is not None:
        yield transition.when, before
        before = ((transition.when, True),)
    for branch in transition.to:
        if branch.when is not None:
            yield branch.when, before
            before = (*before, (branch.when, False))


def given_by(transition: Transition) -> frozenset[str]:
    """What a form surely holds once it was accepted."""
    return frozenset(f"form.{name}" for name, field in transition.form.items() if is_given(field))


def unanswered(model: Model, place: Place, transition: Transition, given: Truths) -> str | None:
    """The guard that may have no answer where a trigger is fired in a place; None where all have one."""
    known, judge, trigger = model.known(place), model.judge, transition.trigger
    told = {name[4:-1]: truth for name, truth in known.truths if name.startswith("has(")}
    filled_in = frozenset(name.removeprefix("task.") for name, truth in told.items() if truth)
    there = model.there(place) | given_by(transition) | filled_in
    for text, asked_before in asked(transition):
        before = (*given, *asked_before)
        if not may_lack_answer(model.sheet, text, before, there, told) or not judge.possible(known, before):
            continue
        if not (isinstance(judge, Solving) and judge.answered(known, before, text, trigger, there)):
            return text
    return None
