"""Tasks enter: a list of them, all or none, each under a number of its process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from engine.commands import Actor, Decision, Origin, Refusal, Register
from engine.decide import decide
from engine.edition import Edition
from engine.task import Task
from workflows.changes import changes, parcels
from workflows.desk import Desk, uncollected
from workflows.office.evidence import strange
from workflows.office.programmes import is_programme, note_programme
from workflows.office.strangers import stranger
from workflows.ports import PROGRAMME, Change, KeyReused, Parcel, Work
from workflows.rows import Listed, Row, RowRefused


def register(
    desk: Desk,
    process: str,
    rows: Sequence[Row],
    actor: Actor,
    *,
    kind: str = "",
    ids: Sequence[str] = (),
    once: Once | None = None,
) -> list[Task] | Listed | Refusal:
    """Register a list of tasks (or, of the kind `programme`, of programmes) by the edition in force, or by the one that
    is named (`process@edition`).

    Ids are `<process>-<number>` unless given. Nothing is written where one row is refused; the answer names them all.
    What was registered `once` under a key is answered again, and nothing new is.
    """
    edition = _edition(desk, process, rows, kind)
    if isinstance(edition, Refusal):
        return edition
    answer = desk.persist(lambda: _attempt(desk, edition, rows, Hand(actor, kind, ids, once)))
    if isinstance(answer, list):
        for task in answer if kind == PROGRAMME else ():
            note_programme(desk, task.id)
    return answer


Judged: TypeAlias = Callable[[int, Row, Refusal | None], None]
"""Told of each row (from 1) that was looked at, and of what speaks against it."""


def refused_rows(
    desk: Desk,
    process: str,
    rows: Sequence[Row],
    actor: Actor,
    *,
    kind: str = "",
    judged: Judged = lambda _n, _row, _refusal: None,
) -> Listed | Refusal | None:
    """What would speak against a list if it were registered now; nothing is written or locked."""
    edition = _edition(desk, process, rows, kind)
    if isinstance(edition, Refusal):
        return edition
    gate, hand, now = _Gate(desk, edition, kind), Hand(actor, kind, ()), desk.clock()
    faults: list[RowRefused] = []
    with uncollected():
        for n, row in enumerate(rows, 1):
            found = _judged(desk, edition, _command(desk, now, row, f"{process}-?{row.number}", hand), gate)
            if isinstance(found, Refusal):
                faults.append(RowRefused(row.number, found))
            judged(n, row, found if isinstance(found, Refusal) else None)
    return Listed(faults) if faults else None


def _edition(desk: Desk, process: str, rows: Sequence[Row], kind: str) -> Edition | Refusal:
    """The edition by which these rows are registered."""
    found = desk.untrusted() or desk.to_pin(process)
    if isinstance(found, Refusal):
        return found
    edition, _ = found
    if kind not in edition.sheets:
        return Refusal("no_programme", {"edition": edition.name})
    return _unknown_programme(desk, rows) or edition


@dataclass(frozen=True, slots=True)
class Once:
    """A key that makes repeating harmless; `request` is the digest of what is asked under it."""

    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Hand:
    """Who registers what kind of tasks, under which ids where they are given, and under which key."""

    actor: Actor
    kind: str
    ids: Sequence[str]
    once: Once | None = None


def _unknown_programme(desk: Desk, rows: Iterable[Row]) -> Refusal | None:
    for name in {row.part_of for row in rows if row.part_of is not None}:
        if not is_programme(desk, name):
            return Refusal("unknown_programme", {"programme": name})
    return None


class _NotOne(Exception):
    """Some rows are refused: the transaction is left without a trace."""

    def __init__(self, faults: Sequence[RowRefused]) -> None:
        super().__init__(f"{len(faults)} rows")
        self.faults = faults


def _attempt(desk: Desk, edition: Edition, rows: Sequence[Row], hand: Hand) -> list[Task] | Listed | Refusal:
    try:
        with desk.work([]) as work:
            before = work.answer(hand.actor.id, hand.once.key, hand.once.request) if hand.once else None
            if before is not None:
                return [task for name in before["tasks"] if (task := desk.store.task(name)) is not None]
            series = "-".join(part for part in (edition.process.process, hand.kind) if part)
            numbers = [work.number(series) for _ in rows]
            ids = hand.ids or [f"{series}-{number:02d}" for number in numbers]
            return _all(desk, work, edition, rows, ids, hand)
    except _NotOne as refused:
        return Listed(refused.faults)
    except KeyReused:
        assert hand.once is not None, "a key was asked for"
        return Refusal("key_reused", {"key": hand.once.key})


def _all(desk: Desk, work: Work, edition: Edition, rows: Sequence[Row], ids: Sequence[str], hand: Hand) -> list[Task]:
    """Decide every row; the number series is locked by now, so nobody else registers a twin meanwhile."""
    gate = _Gate(desk, edition, hand.kind)
    taken = [name for name in hand.ids if desk.store.task(name) is not None]
    faults = [
        RowRefused(row.number, Refusal("id_taken", {"task": name}))
        for row, name in zip(rows, ids, strict=True)
        if name in taken
    ]
    found: list[tuple[Task, list[Change], list[Parcel]]] = []
    for row, name in zip(rows, ids, strict=True):
        one = _one(desk, work, edition, _command(desk, work.now, row, name, hand), gate)
        if isinstance(one, Refusal):
            faults.append(RowRefused(row.number, one))
        else:
            found.append(one)
    if faults:
        raise _NotOne(faults)
    work.save([change for _, made, _ in found for change in made], [each for *_, sent in found for each in sent])
    if hand.once is not None:
        work.remember(hand.actor.id, hand.once.key, hand.once.request, {"tasks": [task.id for task, *_ in found]})
    return [task for task, *_ in found]


def _command(desk: Desk, now: datetime, row: Row, name: str, hand: Hand) -> Register:
    return Register(
        task=name,
        kind=hand.kind,
        fields=row.fields,
        milestones=row.milestones,
        actor=hand.actor,
        at=now,
        part_of=row.part_of,
        opening=row.opening,
        origin=Origin(desk.channel, hand.once.key if hand.once else None, desk.login),
    )


def _one(
    desk: Desk, work: Work, edition: Edition, command: Register, gate: _Gate
) -> tuple[Task, list[Change], list[Parcel]] | Refusal:
    decision = _judged(desk, edition, command, gate)
    if isinstance(decision, Refusal):
        return decision
    task = decision.family[command.task]
    made = changes(edition, {}, decision.family, decision.events, work.now)
    return task, made, parcels(edition, decision.family, decision.events)


def _judged(desk: Desk, edition: Edition, command: Register, gate: _Gate) -> Decision | Refusal:
    """What the engine decides about a row, which must have no twin."""
    _, calendar = desk.book(edition.name)
    alien = strange(desk.vouched, {**command.fields, **command.milestones})
    if alien is not None:
        return alien
    decision = decide(edition, calendar, {}, command, gate.units)
    if isinstance(decision, Refusal):
        return decision
    unknown = stranger(gate.units, gate.fields, decision.family[command.task].fields)
    if unknown is not None:
        return unknown
    twin = gate.of(decision.family[command.task])
    if twin is None:
        return decision
    again = decide(edition, calendar, {}, replace(command, twin=twin), gate.units)
    return again if isinstance(again, Refusal) else Refusal("twin", {"twin": twin})


class _Gate:
    """What every row of a list is judged against: the organisation as it is, and tasks by their unique fields, those
    that are there and those of the list so far.
    """

    def __init__(self, desk: Desk, edition: Edition, kind: str) -> None:
        body = edition.sheets[kind].body
        rule = body.registration
        self._unique, self.units = rule.unique, desk.units
        self.fields = body.fields
        self._known: dict[tuple[Any, ...], str] = {}
        for task in desk.store.tasks(process=edition.process.process) if self._unique else ():
            if task.kind == kind and not (task.ended and rule.among == "open"):
                self._known.setdefault(self._key(task), task.id)

    def of(self, task: Task) -> str | None:
        """The task with the same unique fields, or None; the task is known from now on."""
        if not self._unique:
            return None
        first = self._known.setdefault(self._key(task), task.id)
        return None if first == task.id else first

    def _key(self, task: Task) -> tuple[Any, ...]:
        return tuple(str(task.fields.get(name)) for name in self._unique)
