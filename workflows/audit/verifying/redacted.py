"""Lines that are gone: each has to be named by an event that says so, what such an event names has to be gone, and it
has to rest on an order that was approved, about lines that may be erased.

What is gone cannot be decided by again. A decision that comes out otherwise without it is told apart from what is
wrong, but only where it read what is gone: it does not excuse any other difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.chain import parsed
from engine.commands import Refusal
from engine.edition import Sheet
from engine.events import Event, EventType
from engine.lines import SALT_BYTES, Apart, any_gone, gone, readable, set_apart
from engine.once import once
from engine.reasons import reason_of
from engine.task import Task
from workflows.audit.verifying.books import Books
from workflows.audit.verifying.family import Family, Told
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.values import Raw, Row
from workflows.erased.erasable import VALUES, done, may_go
from workflows.erased.filling import filled, filled_task
from workflows.personal import protected
from workflows.redaction.values import ORGANISATION, PLAN, REDACTED, Line, Redaction, redaction

_UNREAD = (AttributeError, KeyError, TypeError, ValueError)


def check(stream: str, rows: Sequence[Raw]) -> Iterator[Finding]:
    """Of one stream: lines that are gone and those that events name. What cannot be read is told by its chain."""
    named = {line: told for row in rows if row.type == REDACTED for told in _read(row) for line in told.lines}
    if not named and not any(_any_gone(row) for row in rows):
        return
    there = {Line(row.seq, part, name) for row in rows for _, part, name in _gone(row)}
    for line in sorted(there, key=lambda each: (each.seq, each.label)):
        if line not in named or named[line].seq <= line.seq:
            yield Finding("erased_unnamed", stream, line.seq, {"line": line.label})
    for line in sorted(named.keys() - there, key=lambda each: (each.seq, each.label)):
        yield Finding("erased_still_there", stream, line.seq, {"line": line.label, "event": named[line].ref})


def touched(rows: Sequence[Row]) -> bool:
    """Whether any of a stream's rows, with texts as bytes, lost a line or tells of one: where none does, there is
    nothing to check.
    """
    broken = (row for row in rows if row[9] is None or len(row[9]) != 2 * SALT_BYTES)  # the others have one line
    return any(row[2] == REDACTED for row in rows) or any(_lost(row[8], row[9]) for row in broken)


def _lost(payload: bytes | None, salts: bytes | None) -> bool:
    if payload is None or salts is None:
        return False  # no text: told by its chain
    return len(salts) != (2 * SALT_BYTES + 1) * (payload.count(b"\n") + 1) - 1


def _any_gone(row: Raw) -> bool:
    try:
        return len(row.salts) != 2 * SALT_BYTES and any_gone(row.payload, row.salts)
    except _UNREAD:
        return False


def _gone(row: Raw) -> Sequence[Apart]:
    try:
        return gone(row.payload, row.salts)
    except _UNREAD:
        return ()


def _read(row: Raw) -> Iterator[Redaction]:
    try:
        yield redaction(f"{row.stream}#{row.seq}", row.seq, parsed(readable(row.payload, row.salts)))
    except _UNREAD:
        return


# -- by whose right


def lawful(books: Books, family: Family) -> Iterator[Finding]:
    """Each event that says that lines of a task were erased: by an order that was approved, about that task, by another
    person (or by one alone who said why); and each line is of those that may go.
    """
    for told in family.told.values():
        if told.event.type is EventType.VALUES_REDACTED:
            yield from _lawful(books, family, told)


def _lawful(books: Books, family: Family, told: Told) -> Iterator[Finding]:
    event = told.event
    try:
        said = redaction(event.ref, event.seq, event.payload)
    except _UNREAD as error:
        yield Finding("erased_without_right", event.task, event.seq, {"line": reason_of(error).both, "order": "-"})
        return
    if not ordered(books, said, event.task, told):
        lines = ", ".join([*(line.label for line in said.lines), *said.files]) or "-"
        yield Finding("erased_without_right", event.task, event.seq, {"line": lines, "order": said.order})
    for line in said.lines:
        sheet, about = _sheet(family, event.task, line.seq), family.told.get(f"{event.task}#{line.seq}")
        do = done(about.event.payload) if about is not None else ""
        if sheet is None or not may_go(sheet, line.part, line.name, ended=True, do=do):
            facts = {"line": line.label, "order": said.order}
            yield Finding("erased_without_right", event.task, event.seq, facts)


def ordered(books: Books, said: Redaction, stream: str, told: Told) -> bool:
    """Whether an order for this stream and these files was approved before."""
    order = books.orders.get(said.order)
    by = order.approved if order is not None else None
    if order is None or by is None:
        return False
    two = by.actor != order.asked_by or bool(by.told.get("alone"))
    same = order.wanted.stream == stream and set(said.files) <= set(order.wanted.files)
    return two and same and by.recorded_at <= told.recorded_at and told.event.actor == by.actor


def accounts(books: Books) -> Iterator[Finding]:
    """The same of the stream of the organisation: what told of an account, by an order about it."""
    users = {each.seq: each.told.get("user") for each in books.organised}
    for each in books.organised:
        if each.type != REDACTED:
            continue
        order = books.orders.get(str(each.told.get("order")))
        by = order.approved if order is not None else None
        wanted = order.wanted.names if order is not None and order.wanted.stream == ORGANISATION else ()
        strange = [line for line in each.told.get("lines", ()) if users.get(line["seq"]) not in wanted]
        if by is None or strange:
            lines = ", ".join(f"#{line['seq']} {line['name']}" for line in strange) or "-"
            facts = {"line": lines, "order": str(each.told.get("order"))}
            yield Finding("erased_without_right", ORGANISATION, each.seq, facts)


def _sheet(family: Family, task: str, seq: int) -> Sheet | None:
    told, first = family.told.get(f"{task}#{seq}"), family.told.get(f"{task}#1")
    edition = family.books.edition(told.event.edition) if told is not None else None
    return edition.sheets.get(str(first.event.payload.get("kind"))) if edition is not None and first else None


# -- deciding by what is left


@dataclass(frozen=True)
class Lost:
    """What a family lost: lines by the event, and the names of values by the task."""

    family: Family

    @once
    def lines(self) -> Mapping[str, Sequence[Apart]]:
        """The lines that are gone of each event that lost any."""
        told = self.family.told.items()
        return {ref: found for ref, each in told if _any_gone(each.raw) and (found := _gone(each.raw))}

    @once
    def names(self) -> Mapping[str, frozenset[str]]:
        """The names of the values that are gone, by the task; rows of a plan under its own."""
        found: dict[str, set[str]] = {}
        for ref, lines in self.lines.items():
            mine = found.setdefault(ref.rpartition("#")[0], set())
            mine.update(PLAN if part == PLAN else name or part for _, part, name in lines)
        return {task: frozenset(names) for task, names in found.items()}

    @once
    def said(self) -> frozenset[str]:
        """The names of the values of which an event says that they were erased: only these excuse anything."""
        events = (told for told in self.family.told.values() if told.event.type is EventType.VALUES_REDACTED)
        lines = (line for told in events for each in _read(told.raw) for line in each.lines)
        return frozenset(PLAN if line.part == PLAN else line.name or line.part for line in lines)

    def filled(self, event: Event) -> Event:
        """The event with fitting values for those that are gone."""
        lines = self.lines.get(event.ref) if self.lines else None
        sheet = _sheet(self.family, event.task, event.seq) if lines else None
        return filled(event, lines, sheet) if lines and sheet is not None else event

    def tasks(self, family: Mapping[str, Task]) -> dict[str, Task]:
        """Tasks with fitting values for those that are gone."""
        return {name: self._task(task) for name, task in family.items()}

    def _task(self, task: Task) -> Task:
        names = self.names.get(task.id)
        edition = self.family.books.edition(task.edition) if names else None
        return filled_task(task, names or (), edition.sheets[task.kind]) if edition is not None else task

    def excuses(self, recorded: Sequence[Told], made: Mapping[str, str] | Refusal) -> bool:
        """Whether a decision that comes out otherwise (`made`: the payloads, by the event) had read what is gone: a row
        of the plan, a name in one of its guards, a value that would be refused in the place of the true one; or
        whether nothing but values under such names differs, as where some of them were erased and others not.
        """
        lost = self.said
        if PLAN in lost:
            return True
        if isinstance(made, Refusal):
            return any(isinstance(each, Mapping) and each.get("field") in lost for each in _problems(made))
        guards = [told["guard"] for each in recorded for told in each.event.payload.get("guards") or ()]
        read = (re.search(rf"\b(task|form)\.{re.escape(name)}\b", guard) for guard in guards for name in lost)
        return any(read) or all(_but_for(lost, made.get(each.event.ref, ""), each) for each in recorded)

    @property
    def by(self) -> str:
        """The events that say what was erased from the family."""
        return ", ".join(ref for ref, told in self.family.told.items() if told.event.type is EventType.VALUES_REDACTED)


def _problems(refusal: Refusal) -> Sequence[Any]:
    found = refusal.facts.get("problems")
    return found if isinstance(found, list | tuple) else ()


def _but_for(lost: frozenset[str], made: str, told: Told) -> bool:
    """Whether two payloads differ in values under these names alone."""
    mine, theirs = made.split("\n"), told.raw.payload.split("\n")
    named = {at for at, _, name in set_apart(theirs) if name in lost}
    if len(mine) != len(theirs):
        return False
    return all(one == other or at in named for at, (one, other) in enumerate(zip(mine, theirs, strict=True)))


def same_less(made: str, told: Told, lines: Sequence[Apart]) -> bool:
    """Whether a payload made again is the recorded one but for the lines that are gone."""
    mine, theirs, lost = made.split("\n"), told.raw.payload.split("\n"), {each.at for each in lines}
    if len(mine) != len(theirs):
        return False
    return all(one == other or at in lost for at, (one, other) in enumerate(zip(mine, theirs, strict=True)))


def words_lost(books: Books, told: Sequence[Told]) -> str:
    """The events that erased words from these, which a document may have told: what is personal stands in none."""
    kinds = {each.event.task: str(each.event.payload.get("kind", "")) for each in told if each.event.seq == 1}
    erased = (each.event for each in told if each.event.type is EventType.VALUES_REDACTED)
    return ", ".join(event.ref for event in erased if _tells_words(books, event, kinds.get(event.task, "")))


def _tells_words(books: Books, event: Event, kind: str) -> bool:
    edition = books.edition(event.edition)
    sheet = edition.sheets.get(kind) if edition is not None else None
    personal = protected(sheet) if sheet is not None else frozenset[str]()
    return any(each["part"] in VALUES and each["name"] not in personal for each in event.payload.get("lines", ()))
