"""A judge that asks the solver where ranges are not sure enough: whether `recovered >= amount` leaves a share below a
hundred, what a field is once it was set to another. It costs a thousand times as much, so it is asked last.

A truth that is kept may be *not true*: false, or without a value; so nothing is lost where a field is not set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.cel.tree import Node
from engine.guards import Literal, UndecidedError, questions
from engine.proofs.judging import Known, Ranges, Truths

if TYPE_CHECKING:
    from engine.guards import Guards


@dataclass
class Solving:
    """See `engine.proofs.judging.Judge`: what the ranges call possible is asked again. `atoms` are the truths kept."""

    ranges: Ranges
    atoms: frozenset[str]
    guards: Guards
    _answers: dict[object, bool] = field(default_factory=dict)
    _after: dict[object, list[dict[str, bool]] | None] = field(default_factory=dict)

    @staticmethod
    def of(ranges: Ranges, atoms: Iterable[str]) -> Solving:
        """The judge of a body with these truths kept."""
        kept, guards = frozenset(atoms), questions(ranges.edition, ranges.sheet)
        for text in kept:
            guards.name(text, ranges.tree(text))
        return Solving(ranges, kept, guards)

    def tree(self, text: str) -> Node:
        """See `Judge`."""
        return self.ranges.tree(text)

    def possible(self, known: Known, wanted: Truths) -> bool:
        """See `Judge`."""
        if not self.ranges.possible(known, wanted):
            return False
        near = self.ranges.needed(known, [text for text, _ in wanted])
        key = (near.state, near.truths, wanted)
        if key not in self._answers:
            cube, literals = self._told((*near.truths, *wanted))
            self._answers[key] = not self.guards.never(literals, state=near.state or (), cube=cube)
        return self._answers[key]

    def answered(self, known: Known, before: Truths, text: str, trigger: str, there: frozenset[str]) -> bool:
        """Whether a guard of a trigger is proved to have an answer where those before it came out so and fields are
        set.
        """
        cube, literals = self._told((*self.ranges.needed(known, [text, *(each for each, _ in before)]).truths, *before))
        names = [f"task.{name}" for name in there if name in self.ranges.sheet.body.fields]
        return self.guards.answered(text, literals, names, state=known.state or (), trigger=trigger, cube=cube)

    def _told(self, truths: Truths) -> tuple[dict[str, bool], list[Literal]]:
        """Truths that are kept, and guards."""
        cube = {text: truth for text, truth in truths if text in self.atoms}
        return cube, [Literal(text, truth) for text, truth in truths if text not in self.atoms]

    def after(self, known: Known, wanted: Truths, changes: Mapping[str, str]) -> Iterable[Truths]:
        """See `Judge`."""
        found = list(self.ranges.after(known, wanted, changes))
        return found if len(found) < 2 else list(self._left(known, wanted, changes, found))

    def _left(self, known: Known, wanted: Truths, changes: Mapping[str, str], found: list[Truths]) -> Iterator[Truths]:
        cubes = self._cubes(known, wanted, changes)
        for truths in found:
            told = dict(truths)
            if cubes is None or any(all(told[text] is truth for text, truth in cube.items()) for cube in cubes):
                yield truths

    def _cubes(self, known: Known, wanted: Truths, changes: Mapping[str, str]) -> list[dict[str, bool]] | None:
        """What may follow, of the truths that the changes touch; None where the solver cannot tell."""
        changed = {f"task.{name}" for name in changes}
        moved = [text for text, _ in known.truths if not self.ranges.reads(text).isdisjoint(changed)]
        near = self.ranges.needed(known, [*(text for text, _ in wanted), *moved, *changes.values()])
        key = (near.state, near.truths, wanted, tuple(changes.items()))
        if key not in self._after:
            cube, literals = self._told((*near.truths, *wanted))
            try:
                self._after[key] = self.guards.after(cube, literals, changes, moved, state=near.state or ())
            except UndecidedError:
                self._after[key] = None
        return self._after[key]
