"""One command of a person: time runs first, then it is decided, and all of it is written or none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from engine.chain import canonical
from engine.commands import Actor, Decision, Fire, Origin, Refusal
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import Event, Json, iso
from engine.ledger import Ledgers
from engine.task import Task
from workflows.changes import changes, parcels
from workflows.desk import Desk, behind
from workflows.office.evidence import strange
from workflows.office.publications import Issued, issue_ordered
from workflows.office.strangers import stranger
from workflows.ports import KeyReused, Store, Work

AMEND = "amend"
"""The trigger by which a definition lets the record of a task be put right."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody wants to do to a task. `occurred_at` (aware) is given for what happened earlier, with a `reason`.

    `version` is the task's version that they saw. A `key` makes repeating harmless: the answer is the first one.
    """

    task: str
    trigger: str
    form: Mapping[str, Json]
    actor: Actor
    occurred_at: datetime | None = None
    reason: str | None = None
    version: int | None = None
    key: str | None = None

    @property
    def request(self) -> str:
        """The digest that tells two requests under one key apart."""
        asked = {
            "task": self.task,
            "trigger": self.trigger,
            "form": _exact(self.form),
            "occurred_at": iso(self.occurred_at) if self.occurred_at else None,
            "reason": self.reason,
            "version": self.version,
        }
        return sha256(canonical(asked).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the task as it was then, and the events across its family in order, time's own first."""

    task: str
    state: str
    signal: str | None
    version: int
    ended: bool
    events: Sequence[Event]
    repeated: bool = False
    issued: Sequence[Issued | Refusal] = ()
    """The publications that the act ordered."""

    def to_json(self) -> dict[str, Json]:
        """The answer as a store remembers it, events by their names."""
        return {
            "task": self.task,
            "state": self.state,
            "signal": self.signal,
            "version": self.version,
            "ended": self.ended,
            "events": [event.ref for event in self.events],
        }


def fire(desk: Desk, act: Act) -> Outcome | Refusal:
    """Fire a trigger in one transaction. A refusal leaves nothing behind, not even the time that has passed."""
    refusal = desk.untrusted() or strange(desk.vouched, act.form)
    outcome = refusal or desk.persist(lambda: _attempt(desk, act))
    if isinstance(outcome, Outcome) and not outcome.repeated:
        issued = issue_ordered(desk, outcome.events)
        return replace(outcome, issued=issued) if issued else outcome
    return outcome


def amend(desk: Desk, act: Act) -> Outcome | Refusal:
    """Put the record of a task right, by the trigger that its definition declares for it; `act.trigger` is not
    looked at.
    """
    task = desk.store.task(act.task)
    if task is None:
        return Refusal("unknown_task", {"task": act.task})
    edition, _ = desk.book(task.edition)
    if AMEND not in edition.sheets[task.kind].transitions:
        return Refusal("no_amend", {"edition": edition.name, "trigger": AMEND})
    return fire(desk, replace(act, trigger=AMEND))


def _attempt(desk: Desk, act: Act) -> Outcome | Refusal:
    with desk.work_on(act.task) as work:
        root = next(iter(work.families), None)
        if root is None:
            return Refusal("unknown_task", {"task": act.task})
        try:
            answer = work.answer(act.actor.id, act.key, act.request) if act.key else None
        except KeyReused:
            return Refusal("key_reused", {"key": act.key})
        if answer is not None:
            return _recalled(desk.store, answer)
        return _decided(desk, act, root, work)


def _decided(desk: Desk, act: Act, root: str, work: Work) -> Outcome | Refusal:
    before, now = _family(desk, act, work.families[root]), work.now
    refusal = behind(before, now)
    if refusal is not None:
        return refusal
    edition, calendar = desk.book(before[root].edition)
    units, ledgers = desk.units, Ledgers()
    passed = advance(edition, calendar, before, now, units, desk.quiet(before), ledgers)
    origin = Origin(desk.channel, act.key, desk.login)
    command = Fire(
        task=act.task,
        trigger=act.trigger,
        form=act.form,
        actor=act.actor,
        at=present(passed.family, now),
        occurred_at=act.occurred_at,
        reason=act.reason,
        version=act.version,
        origin=origin,
    )
    decision = decide(edition, calendar, passed.family, command, units, ledgers)
    if isinstance(decision, Refusal):
        return decision
    unknown = _stranger(units, edition, act, decision)
    if unknown is not None:
        return unknown
    events = [*passed.events, *decision.events]
    work.save(changes(edition, before, decision.family, events, now), parcels(edition, decision.family, events))
    outcome = _outcome(decision.family[act.task], events)
    if act.key:
        work.remember(act.actor.id, act.key, act.request, outcome.to_json())
    return outcome


def _stranger(units: Collection[str], edition: Edition, act: Act, decision: Decision) -> Refusal | None:
    """Why the form may not stand, where it names a unit that nobody keeps."""
    fired = decision.events[0] if decision.events else None
    if fired is None or not isinstance(form := fired.payload.get("form"), Mapping):
        return None
    transition = edition.sheets[decision.family[act.task].kind].transitions[act.trigger]
    return stranger(units, transition.form, form)


def _family(desk: Desk, act: Act, locked: Mapping[str, Task]) -> dict[str, Task]:
    """The family under lock; a descendant that has ended is not in it, and is asked for by name."""
    family = dict(locked)
    ended = None if act.task in family else desk.store.task(act.task)
    return family | ({ended.id: ended} if ended else {})


def _outcome(task: Task, events: Sequence[Event]) -> Outcome:
    return Outcome(task.id, task.state, task.signal, task.seq, task.ended, events)


def _recalled(store: Store, answer: Mapping[str, Any]) -> Outcome:
    found: dict[str, Event] = {}
    for stream in dict.fromkeys(ref.rpartition("#")[0] for ref in answer["events"]):
        found |= {recorded.event.ref: recorded.event for recorded in store.events(stream)}
    told = {name: answer[name] for name in ("task", "state", "signal", "version", "ended")}
    return Outcome(**told, events=[found[ref] for ref in answer["events"]], repeated=True)


def _exact(value: Any) -> Json:
    """A form as canonical JSON takes it: numbers and dates as text."""
    if isinstance(value, Mapping):
        return {str(name): _exact(part) for name, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_exact(part) for part in value]
    return value if value is None or isinstance(value, bool | str) else str(value)
