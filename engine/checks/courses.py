"""The course of a deadline: the states in which it may run, so in which it may be met and in which it may pass.

Counted generously: a state that is not named here is one in which it surely does not run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.checks.roles import SYSTEM
from engine.checks.ways import Move, Ways
from engine.edition import texts
from engine.model import Deadline
from engine.once import once


@dataclass(frozen=True)
class Course:
    """One deadline of a body."""

    ways: Ways
    name: str
    rule: Deadline

    @once
    def starts(self) -> frozenset[str]:
        """The states in which an occurrence may begin."""
        rule, ways = self.rule, self.ways
        within = frozenset(rule.while_) or frozenset(ways.site.body.states)
        found = frozenset(self._begins()) & within & ways.reachable
        return frozenset(state for state in found if ways.holds(rule.when, state) is not False)

    @once
    def passes(self) -> frozenset[str]:
        """The states in which its day may pass."""
        still = {state for pause in self.rule.pause for state in pause.in_}
        return frozenset(state for state, paused in self._run if not paused) - still

    @once
    def owed(self) -> frozenset[str]:
        """The states in which it may be met: a missed duty is still owed, wherever the task has gone."""
        return self.ways.closure(state for state, _ in self._run)

    @once
    def recurs(self) -> bool:
        """Whether another occurrence follows of itself, or stands beside it."""
        return self.rule.every is not None or self.rule.for_each is not None

    @property
    def fires(self) -> str | None:
        """What it fires when its day has passed."""
        fire = self.rule.missed or self.rule.lapsed
        return fire.fire if fire else None

    def _begins(self) -> Iterator[str]:
        rule, ways = self.rule, self.ways
        open_states = ways.reachable - ways.finals
        if rule.starts is None:
            yield from rule.while_ or open_states
            return
        if rule.starts.registered:
            yield from open_states if self._waits else (ways.site.body.initial,)
        yield from rule.starts.enter
        yield from (move.target for move in ways.moves if move.trigger in rule.starts.triggers)

    @once
    def _waits(self) -> bool:
        """Whether its date may be unknown at the registration, so that a later act starts it."""
        sheet, fields = self.ways.sheet, self.ways.site.body.fields
        said = (
            [sheet.expressions[text] for text in texts(self.rule.due) if text in sheet.expressions]
            if self.rule.due
            else []
        )
        sure = {f"task.{name}" for name, field in fields.items() if field.required or field.default is not None}
        return self.name not in sheet.from_start and any(
            each.calls or not all(name in sure or name.startswith("param.") for name in each.names) for each in said
        )

    @once
    def _moves(self) -> tuple[Move, ...]:
        return self.ways.moves_while(self.name)

    @once
    def _run(self) -> frozenset[tuple[str, bool]]:
        """The states in which it runs or waits, with whether an act has stopped it."""
        seen = {(state, False) for state in self.starts}
        while new := set(self._further(seen)) - seen:
            seen |= new
        return frozenset(seen)

    def _further(self, seen: set[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
        still = {state for pause in self.rule.pause for state in pause.in_}
        for here, paused in seen:
            back = self._back(here, {state for state, _ in seen}) if paused or here in still else frozenset()
            for move in self._moves:
                if move.source == here and not self._ends(move, paused=paused) and (not back or move.target in back):
                    yield move.target, self._is_paused(move.trigger, before=paused)

    def _back(self, here: str, seen: set[str]) -> frozenset[str]:
        """Where it was stopped: a task that is resumed goes on there, if a move leads there."""
        came = {move.source for move in self._moves if move.target == here and move.source != here}
        return frozenset(move.target for move in self._moves if move.source == here) & came & seen

    def _ends(self, move: Move, *, paused: bool) -> bool:
        """Whether it runs no more after a move: met, cancelled, left behind, or passed."""
        rule, trigger = self.rule, move.trigger
        if move.target in self.ways.finals or (rule.while_ and move.target not in rule.while_):
            return True
        if trigger in rule.cancelled_by or (paused and trigger == self._own):
            return True
        surely = {way.trigger for way in rule.met_by if way.when is None and way.for_ is None}
        return not self.recurs and (trigger in surely or trigger == self._own)

    @once
    def _own(self) -> str | None:
        """The trigger that its own passing, and nothing else, fires; what is extended afterwards runs again."""
        trigger, again = self.fires, self.rule.extend is not None and not self.rule.extend.before_due
        if trigger is None or again:
            return None
        by = self.ways.sheet.transitions[trigger].by
        by_people = not by or any(each.role != SYSTEM for each in by)
        alone = {(firer.what, firer.name) for firer in self.ways.firers[trigger]} == {("deadline", self.name)}
        return trigger if alone and not by_people else None

    def _is_paused(self, trigger: str, *, before: bool) -> bool:
        stops = [pause for pause in self.rule.pause if pause.by]
        if len(stops) != 1:
            return False
        return trigger in stops[0].by or (before and trigger not in stops[0].until)
