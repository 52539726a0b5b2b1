"""The life of an occurrence: it starts, runs, stands still, moves, warns, and is met, missed, lapsed or cancelled.

Every change is an event that carries the whole occurrence as it is afterwards, so that replay needs no rule of this
file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine import dues
from engine.asking import given_up
from engine.commands import Refused
from engine.dues import Due
from engine.edition import Heed, texts
from engine.events import Event, EventType, Json, instant, iso
from engine.facts import Situation, child_kind
from engine.model import Deadline
from engine.model.deadlines import MetBy, Pause
from engine.moves import bound_units
from engine.plans import Unset, anchor_of, compute, due_of, reckoning, reminders, term_of, why_json
from engine.recurrence import Period, next_period, period_of
from engine.task import OPEN, Occurrence, Task
from engine.terms import Term, Unit, add
from engine.turn import Turn

_DAY = timedelta(days=1)
_QUOTED = re.compile(r"'(form\.[a-z0-9_]+)'")
"""A form field whose name is given to a function, as in `date_or('form.until', start)`."""


@dataclass(frozen=True, slots=True)
class Act:
    """What just happened to a task: the trigger (`registered` for its registration), its form, and the states around
    it.
    """

    task: str
    trigger: str
    event: Event
    came_from: str | None
    form: Mapping[str, Json] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Due days that an opening entry states for deadlines, by name."""


REGISTERED = "registered"


def react(turn: Turn, act: Act) -> None:
    """Let every deadline of the task answer to an act, in the order of the definition."""
    task = turn.family[act.task]
    sheet, moved = turn.sheet(task), act.came_from != task.state
    for name, rule in sheet.body.deadlines.items():
        heed = sheet.heeds[name]
        if act.trigger in heed.triggers or (moved and heed.states) or _minds(turn, act, name, heed):
            Clock(turn, act.task, name, rule).react(act)


def _minds(turn: Turn, act: Act, name: str, heed: Heed) -> bool:
    """Whether an act that does not name a deadline may matter to it all the same."""
    if act.trigger == REGISTERED or name in act.fixed:
        return True
    ledger = turn.ledger(turn.family[act.task])
    if ledger.open_of(name):
        return heed.running or heed.each
    return heed.asked and not (heed.once and ledger.of(name))


def replan(turn: Turn, task: str, cause: Event) -> None:
    """Stop or go on where children opened or ended, and move what hangs on something that changed."""
    for name, rule in turn.sheet(turn.family[task]).body.deadlines.items():
        clock = Clock(turn, task, name, rule)
        clock.pause_or_resume(cause)
        clock.move(cause)


def cancel_all(turn: Turn, task: str, cause: Event) -> None:
    """Cancel what runs when a task ends, but for deadlines that say they run in this final state."""
    state = turn.family[task].state
    for name, rule in turn.sheet(turn.family[task]).body.deadlines.items():
        if state not in rule.while_:
            Clock(turn, task, name, rule).cancel(cause)


@dataclass(slots=True)
class Clock:
    """One deadline of one task in a turn."""

    turn: Turn
    id: str
    name: str
    rule: Deadline

    @property
    def task(self) -> Task:
        """The task as it is now."""
        return self.turn.family[self.id]

    def found(self) -> Sequence[Occurrence]:
        """All occurrences, in the order in which they started."""
        return self.turn.ledger(self.task).of(self.name)

    def open(self) -> list[Occurrence]:
        """Those that are running or paused."""
        return self.turn.ledger(self.task).open_of(self.name)

    def at(self, occurrence: Mapping[str, Json], form: Mapping[str, Json] | None = None) -> Situation:
        """The facts for this occurrence; its form is the one that started it, unless another is given."""
        return Situation(self.turn, self.task, form if form is not None else occurrence.get("start", {}), occurrence)

    def record(self, kind: EventType, occurrence: Mapping[str, Any], cause: Event | None, **more: Json) -> Event:
        """Emit what the occurrence is now."""
        return self.turn.emit(kind, self.id, {"occurrence": dict(occurrence), **more}, cause)

    # -- one act

    def react(self, act: Act) -> None:
        """Met, cancelled, extended, restarted, started, stopped: in this order."""
        for way in self.rule.met_by:
            if way.trigger == act.trigger:
                self._meet(way, act)
        if act.trigger in self.rule.cancelled_by or (self._left(act) and not self.task.ended):
            self.cancel(act.event)
        if self.rule.extend is not None and act.trigger in self.rule.extend.by:
            self._extend(act)
        if act.trigger in self.rule.restart_by:
            self._restart(act)
        if self._starts(act):
            self._start(act)
        self.pause_or_resume(act.event, act.trigger)
        self.move(act.event)

    def _left(self, act: Act) -> bool:
        return bool(self.rule.while_) and act.came_from in self.rule.while_ and self.task.state not in self.rule.while_

    def _starts(self, act: Act) -> bool:
        rule, state = self.rule, self.task.state
        if rule.while_ and state not in rule.while_:
            return False
        if (
            self.task.ended
            and state not in rule.while_
            and not (rule.starts and (act.trigger in rule.starts.triggers or rule.starts.enter))
        ):
            return False
        if self.name in act.fixed:
            return True
        entered = act.came_from != state
        if rule.starts is not None:
            starts = rule.starts
            if (act.trigger == REGISTERED and starts.registered) or act.trigger in starts.triggers:
                return True
            if entered and state in starts.enter:
                return True
            return starts.registered and self._asked_again()
        if rule.for_each:
            return True
        came_in = act.came_from not in rule.while_ if rule.while_ else act.trigger == REGISTERED
        return came_in or self._asked_again()

    def _asked_again(self) -> bool:
        """Whether a later act may start what nothing started yet: a date that was not known, a period not wanted then.

        What counts from its start is not among them: its start is past.
        """
        found = self.found()
        if self.rule.every is not None:
            return not self.open() and not given_up(self.turn.ledger(self.task), self.name)
        return not found and not self._counts_from_start()

    # -- starting

    def _start(self, act: Act) -> None:
        if self.rule.every is not None:
            self.open_period(self._today(), act.event, act)
        elif self.rule.for_each:
            for key in sorted(self.task.milestones):
                if not any(found["key"] == key for found in self.found()):
                    self._begin(key, act)
        else:
            self._begin(self._key(act), act)

    def _key(self, act: Act) -> str:
        if self.rule.key is not None:
            return str(compute(self.at({}, act.form), self.rule.key))
        return str(len(self.found()) + 1)

    def _begin(self, key: str, act: Act) -> None:
        started: dict[str, Any] = {
            "name": self.name,
            "key": key,
            "started_at": self.turn.occurred_text,
            "start": self._given(act.form),
        }
        fixed = act.fixed.get(self.name)
        if not self._wanted(started, act.form) or (not fixed and self._began_before(act)):
            return
        if fixed:
            started["extensions"] = [{"to": fixed}]
        try:
            due = self._due(started)
        except Unset:
            return
        if self.rule.for_each and due.last_day is not None and due.last_day < self._today():
            return
        if not self.rule.for_each:
            self._supersede(key, act.event)
        self._run(started, due, act.event)

    def _began_before(self, act: Act) -> bool:
        """Whether the deadline counts from a registration that lies before the opening entry of a task under way: such
        a one runs only where the entry states its day.
        """
        opening, starts = act.event.payload.get("opening"), self.rule.starts
        return bool(opening and starts and starts.registered) and self._counts_from_start()

    def _counts_from_start(self) -> bool:
        return self.name in self.turn.sheet(self.task).from_start

    def _given(self, form: Mapping[str, Json]) -> dict[str, Json]:
        """The form's values that the date hangs on; a personal one is never among them."""
        if not form or self.rule.due is None:
            return {}
        sheet = self.turn.sheet(self.task)
        found = [text for text in texts(self.rule.due) if text in sheet.expressions]
        read = {name for text in found for name in sheet.expressions[text].names}
        read |= {name for text in found for name in _QUOTED.findall(text)}
        return {name: value for name, value in form.items() if f"form.{name}" in read}

    def _wanted(self, started: Mapping[str, Json], form: Mapping[str, Json]) -> bool:
        if self.rule.when is None:
            return True
        return bool(compute(self.at(started, form), self.rule.when))

    def _supersede(self, key: str, cause: Event) -> None:
        """A new occurrence takes the place of what runs; where the deadline has keys, under the same key."""
        for found in self.open():
            if self.rule.key is None or found["key"] == key:
                self.record(EventType.DEADLINE_SUPERSEDED, {**found, "status": "superseded", "remind": []}, cause)

    def _run(self, started: Mapping[str, Json], due: Due, cause: Event | None) -> None:
        occurrence = {
            "n": len(self.task.deadlines) + 1,
            **started,
            "status": "running",
            "duty": self.rule.owed_by is not None,
            "who": self.rule.role,
            **self._dated(started, due),
        }
        self.record(EventType.DEADLINE_STARTED, occurrence, cause)

    def _dated(self, occurrence: Mapping[str, Json], due: Due) -> dict[str, Json]:
        """The date, its why, and the reminders that are still to come."""
        sent = occurrence.get("reminded", [])
        now = self.turn.now_text
        rungs = [moment for moment in reminders(self.at(occurrence), self.rule, due) if moment > now]
        return {
            "due_at": iso(due.due_at) if due.due_at else None,
            "last_day": due.last_day.isoformat() if due.last_day else None,
            "provisional": due.provisional,
            "why": why_json(due),
            "remind": rungs[max(0, len(rungs) + len(sent) - len(self.rule.remind)) :] if sent else rungs,
        }

    def open_period(self, after: date, cause: Event | None, act: Act | None = None) -> None:
        """Open the next period's occurrence that is not there yet, if the deadline runs in this state."""
        if self.rule.every is None or self.task.ended or (self.rule.while_ and self.task.state not in self.rule.while_):
            return
        if self.open() and act is None:
            return
        taken = {found["key"] for found in self.found() if found["status"] != "cancelled"}
        period = next_period(self.rule.every.recurrence, self.turn.calendar, after)
        while period is not None and period.key in taken:
            period = next_period(self.rule.every.recurrence, self.turn.calendar, period.due_on + _DAY)
        if period is not None and not self.open():
            self._run_period(period, cause, act)

    def _run_period(self, period: Period, cause: Event | None, act: Act | None) -> None:
        started = {"name": self.name, "key": period.key, "started_at": self.turn.occurred_text, "start": {}}
        if self._wanted(started, act.form if act else {}):
            self._run(started, self._period_due(period), cause)

    def _period_due(self, period: Period) -> Due:
        day = dues.on_date(self.turn.calendar, self.turn.edition.zone, period.due_on)
        return Due(day.due_at, day.last_day, period.provisional, period.why)

    def _today(self) -> date:
        return self.turn.today

    # -- meeting

    def _meet(self, way: MetBy, act: Act) -> None:
        at = self.at({}, act.form)
        if way.when is not None and not compute(at, way.when):
            return
        occurrence = self._answered(way, at, act.event)
        if occurrence is None:
            return
        day = str(compute(at, way.at)) if way.at else None
        if self._in_time(occurrence, day):
            self._met_in_time(occurrence, act.event)
        elif occurrence["status"] != "lapsed":
            self._met_late(occurrence, day, act.event)
        if self.rule.every is not None:
            self.open_period(self._today(), act.event)

    def _answered(self, way: MetBy, at: Situation, cause: Event) -> Occurrence | None:
        """The occurrence that an act answers: the one with the key it names, else an open one, else what is still
        owed.
        """
        if way.for_ is not None:
            return self._keyed(str(compute(at, way.for_)), cause)
        waiting = self.open() or [found for found in self.found() if found["status"] in ("missed", "lapsed")][-1:]
        return min(waiting, key=lambda found: found.get("due_at") or "9", default=None)

    def _keyed(self, key: str, cause: Event) -> Occurrence | None:
        found = [
            known for known in self.found() if known["key"] == key and known["status"] in (*OPEN, "missed", "lapsed")
        ]
        if found or self.rule.every is None or any(known["key"] == key for known in self.found()):
            return found[-1] if found else None
        period = period_of(self.rule.every.recurrence, self.turn.calendar, key)
        if period is None or period.due_on < self._today():
            return None
        self._run_period(period, cause, None)
        return next((known for known in self.open() if known["key"] == key), None)

    def _in_time(self, occurrence: Occurrence, day: str | None) -> bool:
        if day is not None and occurrence.get("last_day"):
            return day <= str(occurrence["last_day"])
        due_at = occurrence.get("due_at")
        return due_at is None or self.turn.occurred_text < due_at

    def _met_in_time(self, occurrence: Occurrence, cause: Event) -> None:
        excused = occurrence["status"] in ("missed", "lapsed")
        met = {**occurrence, "status": "met", "passed": False, "met_at": self.turn.occurred_text, "remind": []}
        if not excused:
            met["units"] = self._units()
        event = self.record(EventType.MISS_EXCUSED if excused else EventType.DEADLINE_MET, met, cause)
        if excused and self.rule.excused is not None:
            self.turn.fire_later(self.id, self.rule.excused.fire, event)

    def _met_late(self, occurrence: Occurrence, day: str | None, cause: Event) -> None:
        on = date.fromisoformat(day) if day else self.turn.occurred_at.astimezone(self.turn.edition.zone).date()
        last = date.fromisoformat(str(occurrence["last_day"]))
        late = {
            "days_late": dues.days_late(self.turn.calendar, last, on, Unit.DAYS),
            "working_days_late": dues.days_late(self.turn.calendar, last, on),
        }
        due_at = instant(str(occurrence["due_at"]))
        if day is None and due_at < dues.start_of(last + _DAY, self.turn.edition.zone):
            late["minutes_late"] = dues.minutes_late(due_at, self.turn.occurred_at)
        met = {**occurrence, "status": "met_late", "met_at": self.turn.occurred_text, "remind": [], **late}
        self.record(EventType.DEADLINE_MET, met, cause)

    def cancel(self, cause: Event) -> None:
        """Cancel what is open."""
        for found in self.open():
            self.record(EventType.DEADLINE_CANCELLED, {**found, "status": "cancelled", "remind": []}, cause)

    # -- more time

    def _extend(self, act: Act) -> None:
        rule = self.rule.extend
        assert rule is not None, "asked only where the deadline says how it is extended"
        owed = self.open() or ([] if rule.before_due else [x for x in self.found() if x["status"] == "missed"])
        if not owed:
            raise Refused("extension_too_late", deadline=self.name)
        occurrence, granted = owed[-1], owed[-1].get("extensions", [])
        if rule.at_most is not None and len(granted) >= rule.at_most:
            raise Refused("extension_spent", deadline=self.name, at_most=rule.at_most)
        at = self.at(occurrence, act.form)
        cap = term_of(at, rule.up_to)
        with reckoning(rule.to or rule.amount or rule.up_to):
            grant = (
                self._until(at, str(rule.to), cap, occurrence) if rule.to else self._more(at, rule.amount, cap, granted)
            )
        longer = {**occurrence, "extensions": [*granted, grant]}
        if occurrence["status"] == "missed":
            longer["status"] = "running"
        planned = self._planned(longer)
        if planned["due_at"] is not None and planned["due_at"] <= self.turn.now_text:
            raise Refused("extension_over", deadline=self.name, last_day=planned["last_day"])
        self.record(EventType.DEADLINE_EXTENDED, planned, act.event)

    def _more(self, at: Situation, amount: str | None, cap: Term, granted: list[Json]) -> Json:
        asked = Term(int(float(compute(at, amount))), cap.unit) if amount else cap
        used = sum(Term.parse(grant["term"]).amount for grant in granted if "term" in grant)
        if used + asked.amount > cap.amount:
            raise Refused("extension_cap", deadline=self.name, cap=str(cap), used=used, asked=str(asked))
        return {"term": str(asked)}

    def _until(self, at: Situation, to: str, cap: Term, occurrence: Occurrence) -> Json:
        day = anchor_of(at, to)
        new = at.local_day(day) if isinstance(day, datetime) else day
        granted = occurrence.get("extensions", [])
        first = next((grant["first"] for grant in granted if "first" in grant), occurrence.get("last_day"))
        limit = add(self.turn.calendar, date.fromisoformat(str(first)), cap)
        if new > limit:
            raise Refused("extension_cap", deadline=self.name, cap=str(cap), used=0, asked=new.isoformat())
        return {"to": new.isoformat(), "first": first}

    def _restart(self, act: Act) -> None:
        for found in self.open():
            again = {
                **found,
                "started_at": self.turn.occurred_text,
                "start": self._given(act.form),
                "status": "running",
                "pauses": [],
                "extensions": [],
            }
            self._plan(EventType.DEADLINE_MOVED, again, act.event, reason="restarted")

    # -- standing still, moving

    def pause_or_resume(self, cause: Event, trigger: str = "") -> None:
        """Stop the clock while any rule to pause holds, and let it go on afterwards. `paused_by` keeps which
        triggers did.
        """
        for found in self.open() if self.rule.pause else ():
            on = self._toggled(found.get("paused_by", []), trigger)
            noted: dict[str, Any] = {**found, "paused_by": on}
            standing = any(self._holds(number, pause, on) for number, pause in enumerate(self.rule.pause))
            if standing and found["status"] == "running":
                since = [*found.get("pauses", []), [self.turn.occurred_text, None]]
                self._plan(EventType.DEADLINE_PAUSED, {**noted, "status": "paused", "pauses": since}, cause)
            elif not standing and found["status"] == "paused":
                *past, (began, _) = found["pauses"]
                stretches = [*past, [began, max(str(began), self.turn.occurred_text)]]
                self._plan(EventType.DEADLINE_RESUMED, {**noted, "status": "running", "pauses": stretches}, cause)
            elif on != found.get("paused_by", []):
                self.record(EventType.DEADLINE_MOVED, noted, cause, reason="another pause")

    def _toggled(self, on: list[int], trigger: str) -> list[int]:
        rules = list(enumerate(self.rule.pause))
        started = {number for number, pause in rules if trigger in pause.by}
        ended = {number for number, pause in rules if trigger in pause.until}
        return sorted((set(on) | started) - (ended - started))

    def _holds(self, number: int, pause: Pause, on: list[int]) -> bool:
        if pause.while_open is not None:
            kind = child_kind(self.task.kind, pause.while_open)
            return any(child["kind"] == kind and not child["ended"] for child in self.task.children.values())
        return self.task.state in pause.in_ or number in on

    def move(self, cause: Event) -> None:
        """Work the date out anew where it hangs on something that may have changed; no event if it has not."""
        if self.name not in self.turn.sheet(self.task).moving:
            return
        for found in self.open():
            if found["status"] == "running":
                self._plan(EventType.DEADLINE_MOVED, dict(found), cause, only_if_changed=True, reason="anchor moved")

    def _plan(
        self, kind: EventType, occurrence: dict[str, Any], cause: Event, *, only_if_changed: bool = False, **more: Json
    ) -> None:
        planned = self._planned(occurrence)
        same = all(planned[name] == occurrence.get(name) for name in ("due_at", "last_day"))
        if not (only_if_changed and same):
            self.record(kind, planned, cause, **more)

    def _planned(self, occurrence: Mapping[str, Any]) -> dict[str, Any]:
        """The occurrence with its date worked out anew."""
        try:
            due = self._due(occurrence)
        except Unset:
            due = Due(None, None, provisional=False, why=())
        return {**occurrence, **self._dated(occurrence, due)}

    def _due(self, occurrence: Mapping[str, Any]) -> Due:
        if self.rule.due is not None:
            return due_of(self.at(occurrence), self.rule.due)
        assert self.rule.every is not None, "a deadline has `due` or `every`"
        period = period_of(self.rule.every.recurrence, self.turn.calendar, str(occurrence["key"]))
        assert period is not None, "its period was there when it started"
        granted = [grant["to"] for grant in occurrence.get("extensions", ()) if "to" in grant]
        if granted:
            return dues.on_date(self.turn.calendar, self.turn.edition.zone, date.fromisoformat(granted[-1]))
        terms = [Term.parse(grant["term"]) for grant in occurrence.get("extensions", ())]
        if terms:
            return dues.plan(self.turn.calendar, self.turn.edition.zone, period.due_on, terms)
        return self._period_due(period)

    # -- time

    def passed(self, occurrence: Occurrence) -> Event:
        """Record that the due date passed: a duty is missed and still owed, a right lapses."""
        duty = self.rule.owed_by is not None
        status = ("missed", EventType.DEADLINE_MISSED) if duty else ("lapsed", EventType.DEADLINE_LAPSED)
        rungs = [moment for moment in occurrence.get("remind", []) if instant(moment) > self.turn.now] if duty else []
        passed = {**occurrence, "status": status[0], "passed": duty, "remind": rungs, "units": self._units()}
        return self.record(status[1], passed, None)

    def _units(self) -> list[str] | None:
        """Whose it is now; None where its role is not bound to a unit."""
        return bound_units(self.turn, self.task, self.rule.role)

    def skip(self, occurrence: Occurrence) -> Event:
        """Record that an advisory period was passed over in catching up."""
        skipped = {**occurrence, "status": "cancelled", "skipped": True, "remind": []}
        return self.record(EventType.DEADLINE_CANCELLED, skipped, None, reason="catch-up")

    def reminded(self, occurrence: Occurrence) -> Event:
        """Record that a rung of the ladder went out."""
        first, *later = occurrence["remind"]
        sent = [*occurrence.get("reminded", []), first]
        return self.record(EventType.DEADLINE_REMINDED, {**occurrence, "remind": later, "reminded": sent}, None)
