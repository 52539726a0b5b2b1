"""Two editions compared by meaning and not by line: what a reader of the regulation would notice, in both languages.

changes      a change, what it concerns                 bodies      part by part, in the order of the language
comparing    two parts key by key                       guards      conditions: alike, or different by a witness
wording      values as people read them                 labels      what parts and keys are called
renames      names that are others now, as a guess      touching    the open tasks, and what becomes of deadlines
"""

from __future__ import annotations

from dataclasses import replace

from engine.edition import Edition
from workflows.authoring.diff.bodies import changes
from workflows.authoring.diff.changes import Change, Diff, Touch
from workflows.authoring.diff.renames import Rename, as_change, guesses, renamed

__all__ = ["Change", "Diff", "compare"]


def compare(before: Edition, after: Edition) -> Diff:
    """All differences in meaning between two editions, renames first."""
    guessed = guesses(before, after)
    base = renamed(before, guessed) if guessed else None
    if base is None:
        guessed, base = [], before
    found = [*map(as_change, guessed), *(_back(each, guessed) for each in changes(base, after))]
    return Diff(before.name, after.name, found)


def _back(change: Change, renames: list[Rename]) -> Change:
    """What a change concerns by the names that tasks have now."""
    old = {(each.part, each.new): each.old for each in renames if each.kind == change.kind}
    touch = Touch(
        frozenset(old.get(("states", name), name) for name in change.touch.states),
        frozenset(old.get(("deadlines", name), name) for name in change.touch.deadlines),
    )
    return replace(change, touch=touch)
