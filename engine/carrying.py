"""Deadlines carried over to another edition: a policy for each occurrence that is owed, and what the new one begins.

    keep        the date, and the rule by which it was worked out, go on
    start_anew  the rule of the new edition, from now
    re_anchor   the rule of the new edition, from where it began, pauses and extensions counted
    drop        nobody owes it any more

A date that would be over before it is told is nobody's: it is refused, or goes by the policy that the rules name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from engine import kept
from engine.clock import Act, Clock
from engine.commands import Refused
from engine.edition import Edition
from engine.events import Event, EventType, Json
from engine.model import Deadline
from engine.pausing import pause_or_resume
from engine.period_keys import start_of_key
from engine.plans import Unset
from engine.starting import open_period, start, starts
from engine.task import OPEN, OWED, Task
from engine.turn import Turn

MIGRATED = "migrated"
"""The trigger of an act that is a migration."""

REASON = "edition changed"
"""Why an occurrence changed, as its event says it; the policy and the migration stand beside it."""

Policy: TypeAlias = Literal["keep", "start_anew", "re_anchor", "drop"]
POLICIES: tuple[Policy, ...] = get_args(Policy)

_SEEN = ("name", "status", "due_at", "last_day", "provisional", "remind", "started_at", "who", "duty", "paused_by")
"""What makes an occurrence another one."""

_WORDS = {"zh": "", "en": "", "rule": ()}


@dataclass(frozen=True)
class Carrier:
    """One task that has just come under the edition of `turn`; `before` is a turn in the one that it left. `event` says
    that it moved. `rules` are those of its body for deadlines, `starts` for what is new.
    """

    turn: Turn
    before: Turn
    event: Event
    rules: Mapping[str, Mapping[str, Any]]
    starts: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.event.task

    @property
    def was(self) -> Task:
        """The task as it was."""
        return self.before.family[self.id]

    def carry(self) -> None:
        """What becomes of each occurrence that is owed, and what begins. Raises `Refused`."""
        for one in sorted(self.was.deadlines.values(), key=lambda each: each["n"]):
            if one["status"] in OWED:
                self._occurrence(dict(one))
        for name, rule in self.turn.sheet(self.turn.family[self.id]).body.deadlines.items():
            clock = Clock(self.turn, self.id, name, rule)
            pause_or_resume(clock, self.event)
            self._begin(clock)

    def _begin(self, clock: Clock) -> None:
        """Start a deadline that is new, as if the task had just come into its state."""
        act = Act(self.id, MIGRATED, self.event, None)
        if self.starts.get(clock.name) == "start" and not clock.found() and starts(clock, act):
            start(clock, act)

    def _occurrence(self, one: dict[str, Any]) -> None:
        said = self.rules.get(one["name"], {})
        name, policy = said.get("to", one["name"]), said.get("policy", "keep")
        task = self.turn.family[self.id]
        rule = self.turn.sheet(task).body.deadlines.get(name)
        if rule is None and policy != "drop":
            raise Refused("migrate_deadline", task=self.id, deadline=one["name"], edition=self.turn.edition.name)
        one["name"] = name
        if rule is None or policy == "drop":
            self._cancel(one, "drop")
        elif one["status"] in OPEN and rule.while_ and task.state not in rule.while_:
            self._cancel(one, "state")
        elif one["status"] in OPEN:
            self._go_on(Clock(self.turn, self.id, name, rule), one, policy, said.get("if_over"))

    def _because(self, policy: str) -> dict[str, Json]:
        return {"reason": REASON, "policy": policy, "migration": self.event.payload["migration"]}

    def _cancel(self, one: dict[str, Any], policy: str) -> None:
        told = {"occurrence": {**one, "status": "cancelled", "remind": []}, **self._because(policy)}
        self.turn.emit(EventType.DEADLINE_CANCELLED, self.id, told, self.event)

    def _go_on(self, clock: Clock, one: dict[str, Any], policy: str, if_over: str | None) -> None:
        if clock.rule.every is not None and policy == "start_anew":
            self._cancel(one, policy)
            open_period(clock, self.turn.today, self.event)
            return
        again = self._planned(clock, one, policy)
        due_at = again["due_at"]
        over = due_at is not None and due_at <= self.turn.now_text and due_at != one.get("due_at")
        if over and if_over == "drop":
            self._cancel(one, if_over)
        elif over and if_over is not None:
            self._go_on(clock, one, if_over, None)
        elif over:
            facts = {"deadline": one["name"], "last_day": again["last_day"], "policy": policy}
            raise Refused("migrate_over", task=self.id, **facts)
        elif again.get("kept") != one.get("kept") or any(again.get(part) != one.get(part) for part in _SEEN):
            clock.record(EventType.DEADLINE_MOVED, again, self.event, **self._because(policy))

    # -- by a policy

    def _planned(self, clock: Clock, one: dict[str, Any], policy: str) -> dict[str, Any]:
        """The occurrence as it goes on."""
        old = self._old_rule(one)
        again = {**one, "duty": clock.rule.owed_by is not None, "who": clock.rule.role}
        again |= _paused_by(one, old, clock.rule)
        if policy == "keep":
            return self._as_it_was(clock, again, old)
        again.pop("kept", None)
        if policy == "start_anew":
            again |= {"started_at": self.turn.occurred_text, "status": "running"}
            again |= {part: [] for part in ("pauses", "extensions", "reminded") if part in again}
        planned = _dated(clock, again)
        if planned["due_at"] is None and planned["status"] == "running":
            raise Refused("migrate_undated", task=self.id, deadline=one["name"])
        return planned

    def _old_rule(self, one: Mapping[str, Any]) -> Deadline | None:
        """The rule by which an occurrence was dated; it may have had another name."""
        body = self.before.sheet(self.was).body
        names = [name for name in body.deadlines if self.rules.get(name, {}).get("to", name) == one["name"]]
        there = [name for name in names if f"{name}/{one['key']}" in self.was.deadlines]
        return body.deadlines[there[0]] if there else None

    def _as_it_was(self, clock: Clock, again: dict[str, Any], old: Deadline | None) -> dict[str, Any]:
        """The occurrence with its date. Where the new rule is another one, the old one is resolved; refused where that
        cannot be done.
        """
        if old is not None and self._reads_the_same():
            if _plain(old) == _plain(clock.rule):
                return again
            if (old.due, old.every) == (clock.rule.due, clock.rule.every):
                return _dated(clock, again)
        for rule in [again["kept"]] if again.get("kept") else self._resolved(again, old):
            found = _dated(clock, {**again, "kept": rule})
            if all(found[part] == again.get(part) for part in ("due_at", "last_day")):
                return found
        raise Refused("migrate_kept", task=self.id, deadline=again["name"])

    def _reads_the_same(self) -> bool:
        """Whether an expression that both editions have means the same in both."""
        old, new = self.before.edition, self.turn.edition
        bodies = [turn.sheet(turn.family[self.id]).body for turn in (self.before, self.turn)]
        fields = [{name: field.model_copy(update=_WORDS) for name, field in body.fields.items()} for body in bodies]
        same = fields[0] == fields[1] and bodies[0].measures == bodies[1].measures
        return same and old.parameters == new.parameters and _place(old) == _place(new)

    def _resolved(self, again: dict[str, Any], old: Deadline | None) -> Iterator[Json]:
        """The ways to say the old rule without the old edition, the best first."""
        edition, due = self.before.edition.name, old.due if old else None
        if due is not None and old is not None:
            name = next(name for name, rule in self.before.sheet(self.was).body.deadlines.items() if rule is old)
            try:
                rule = kept.resolved(Clock(self.before, self.id, name, old).at(again), due, edition)
            except Unset:
                rule = None
            if rule is not None:
                yield rule
        day = kept.fixed(again, due.at if due else None, edition)
        if day is not None:
            yield day


def _dated(clock: Clock, occurrence: Mapping[str, Any]) -> dict[str, Any]:
    """The occurrence with its date by the clock's rule; a key that means nothing to the rule has none."""
    every = clock.rule.every
    by_period = every is not None and not occurrence.get("kept")
    if by_period and every and start_of_key(every.recurrence.cycle, str(occurrence["key"])) is None:
        return {**occurrence, "due_at": None, "last_day": None}
    return clock.planned(occurrence)


def _plain(rule: Deadline) -> Deadline:
    """A rule without its words."""
    return rule.model_copy(update=_WORDS)


def _place(edition: Edition) -> tuple[str, str]:
    return edition.process.calendar, edition.process.timezone


def _paused_by(one: Mapping[str, Any], old: Deadline | None, new: Deadline) -> dict[str, Json]:
    """Which rules to pause hold, by their places in the new edition."""
    if "paused_by" not in one or old is None or old.pause == new.pause:
        return {}
    held = [old.pause[number] for number in one["paused_by"]]
    return {"paused_by": [number for number, pause in enumerate(new.pause) if pause in held]}
