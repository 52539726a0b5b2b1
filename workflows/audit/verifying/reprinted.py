"""The facts of each document, made again from the record as it was when the document was issued, and compared.

An event names its document's facts by a digest. The facts stand beside it with their basis: how far the record of each
task went when it was read. So what a document says of a task is compared with what the task's events had come to
then, by the edition, calendar and organisation of that day, and by the version of the words (`papers.wording`) that the
event names, so that a later program finds nothing in what an earlier one said otherwise. A document that was issued
before its event named its facts is passed over; one that told words which were erased since cannot be made again, which
is told apart. A fact that a later version of the program adds is not compared.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, cast

from engine.calendars import Calendar
from engine.chain import parsed
from engine.edition import Edition
from engine.events import Event, EventType, instant
from engine.problems import Language, Spoken, Text
from engine.reasons import reason_of
from engine.task import Task, evolve
from engine.turn import Over
from workflows.audit.verifying.books import SLACK, Books
from workflows.audit.verifying.family import Told, read
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.ports import Evidence
from workflows.audit.verifying.redacted import words_lost
from workflows.desk import Desk
from workflows.office.publications import LANGUAGES, declared, order
from workflows.papers.bulletin import Occasion
from workflows.papers.issuing import digest_of
from workflows.papers.marks import Given
from workflows.papers.values import BASIS, OFFICIAL
from workflows.papers.wording import WORDINGS, Wording
from workflows.ports import Store

LATE = timedelta(minutes=10)
"""How long before a document an event may have been recorded that its reading did not see: no transaction is open for
so long."""

MOST = 200
"""Characters of a fact that a finding tells."""

KEPT = 50_000
"""How many events of tasks are kept between documents: the next one mostly asks for the same ones again."""


def check(evidence: Evidence, books: Books) -> Iterator[Finding]:
    """All documents, in the order in which they were issued."""
    lives = _Lives(evidence)
    for row in evidence.table("documents"):
        lives.document += 1
        told = lives.event(row["stream"], row["seq"])
        if told is None or told.event.type is not EventType.PUBLICATION_ISSUED:
            continue  # told by those who compare documents and chains
        made = told.event.payload.get("document") or {}
        if made.get("facts") is not None:
            yield from _document(books, lives, told, row["facts"])


class Lacking(Spoken, LookupError):
    """What a document was made from is not there; says what."""


def _document(books: Books, lives: _Lives, told: Told, kept: Any) -> Iterator[Finding]:
    event, number = told.event, told.event.payload["document"]["number"]
    facts = _read(kept, event.payload["document"]["facts"])
    if facts is None:
        yield Finding("facts_altered", event.task, event.seq, {"number": number})
        return
    if _wording(event) is None:
        told_of = {"number": number, "version": str(event.payload["document"]["wording"])[:20], "known": max(WORDINGS)}
        yield Finding("facts_unknown", event.task, event.seq, told_of)
        return
    try:
        found = list(_compared(books, lives, told, facts))
        by = words_lost(books, [each for task, _ in facts[BASIS]["read"] for each in lives.erasing(str(task))])
        yield from [Finding("redacted_undecided", event.task, event.seq, {"events": by})] if found and by else found
        yield from _stale(lives, told, facts[BASIS]["read"])
    except Exception as error:  # noqa: BLE001 - forged or damaged content may break any rule: it is told, and the others are reached
        said = reason_of(error)
        where = {"number": number, "where": BASIS, "printed": "-", "made": Text(said.zh[:MOST], said.en[:MOST]).both}
        yield Finding("facts_otherwise", event.task, event.seq, where)


def _read(kept: Any, digest: str) -> Mapping[str, Any] | None:
    """The facts that are kept, where they have this digest."""
    try:
        facts: Mapping[str, Any] = parsed(kept)
        return facts if digest_of(facts) == digest else None
    except (TypeError, ValueError, AttributeError):
        return None


def _compared(books: Books, lives: _Lives, told: Told, facts: Mapping[str, Any]) -> Iterator[Finding]:
    """What is otherwise; where the organisation was just being changed, as it was before or after."""
    moments = (told.recorded_at, told.recorded_at - SLACK, told.recorded_at + SLACK)
    organised = {id(units): units for units in map(books.units, moments)}
    found = [list(_differ(facts, _made(books, lives, told, facts, units))) for units in organised.values()]
    event, number = told.event, told.event.payload["document"]["number"]
    for where, printed, made in min(found, key=len)[:1]:
        facts_told = {"number": number, "where": where, "printed": _short(printed), "made": _short(made)}
        yield Finding("facts_otherwise", event.task, event.seq, facts_told)


def _short(value: Any) -> str:
    return str(value)[:MOST]


def _differ(kept: Mapping[str, Any], made: Mapping[Language, Mapping[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """Where facts differ: the path, what was printed, and what comes out now. Its head is from another room."""
    for lang, facts in made.items():
        for name in kept[lang]:
            if name != "head":
                yield from _differing(f"{lang}.{name}", kept[lang][name], facts.get(name))


def _differing(path: str, kept: Any, made: Any) -> Iterator[tuple[str, Any, Any]]:
    match kept, made:
        case dict(), dict():
            for name in kept:
                yield from _differing(f"{path}.{name}", kept[name], made.get(name))
        case list(), list() if len(kept) == len(made):
            for place, (one, other) in enumerate(zip(kept, made, strict=True)):
                yield from _differing(f"{path}[{place}]", one, other)
        case _ if kept != made:
            yield path, kept, made


def _stale(lives: _Lives, told: Told, basis: Sequence[Sequence[Any]]) -> Iterator[Finding]:
    """What had been recorded long before and was not read: later events of a task, or a task of the programme."""
    event, number = told.event, told.event.payload["document"]["number"]
    seen = {str(task): int(seq) for task, seq in basis}
    everyone = seen | dict.fromkeys((each for each in lives.members(event.task) if each not in seen), 0)
    for task, seq in everyone.items():
        after = lives.recorded_at(task, seq + 1)
        if after is not None and after < told.recorded_at - LATE:
            facts = {"number": number, "task": task, "read": seq, "next": seq + 1}
            yield Finding("facts_stale", event.task, event.seq, facts)


# -- made again


def _made(
    books: Books, lives: _Lives, told: Told, facts: Mapping[str, Any], units: Mapping[str, Over]
) -> Mapping[Language, Mapping[str, Any]]:
    """The facts of a document by language, as its occasion gives them. Raises whatever damaged content makes of it."""
    event, basis = told.event, facts[BASIS]
    seen = {str(task): int(seq) for task, seq in basis["read"]}
    desk = _desk(books, lives, seen, units)
    about = lives.task(event.task, event.seq - 1)
    edition, calendar = desk.book(event.edition)[0], books.calendar(event.payload["command"]["calendar"])
    if calendar is None:
        name = event.payload["command"]["calendar"]
        raise Lacking(f"没有日历 {name}", f"no calendar {name}")
    rule = declared(edition, about.kind)[event.payload["publication"]]
    form = order(desk, lives.cause(event)).form if event.cause else {}
    on = Occasion(
        desk, edition, calendar, about, rule, event.payload["key"], event.payload["number"],
        instant(event.payload["as_of"]), date.fromisoformat(basis["since"]), form, Given(**facts[OFFICIAL]["marks"]),
    )  # fmt: skip
    serial = int(event.payload["document"]["serial"])
    wording = _wording(event)
    assert wording is not None, "whoever asks has looked"
    return wording.make(on, {lang: wording.contents(on, lang) for lang in LANGUAGES}, lambda _: serial).facts


def _wording(event: Event) -> Wording | None:
    """How the facts of this document were made; None where this program does not know it."""
    version = event.payload["document"].get("wording", 1)
    return WORDINGS.get(version) if type(version) is int else None


def _desk(books: Books, lives: _Lives, seen: Mapping[str, int], units: Mapping[str, Over]) -> Desk:
    return _Then(cast(Store, _Past(lives, seen)), books=books, organised=units)


@dataclass
class _Then(Desk):
    """A desk of that day: whatever is asked for is as it was then."""

    books: Books = field(default_factory=Books)
    organised: Mapping[str, Over] = field(default_factory=dict)

    def book(self, name: str) -> tuple[Edition, Calendar]:
        edition = self.books.edition(name)
        calendar = self.books.calendar(self.books.records[name]["calendar"])
        if edition is None or calendar is None:
            raise Lacking(f"没有版次 {name} 及其日历", f"no edition {name} with its calendar")
        return edition, calendar

    @property
    def units(self) -> Mapping[str, Over]:
        return self.organised


@dataclass(frozen=True)
class _Past:
    """As much of a store as a document reads, as far as the record went then."""

    lives: _Lives
    seen: Mapping[str, int]

    def task(self, name: str) -> Task | None:
        return self.lives.task(name, self.seen[name]) if name in self.seen else self.lives.task(name, None)

    def tasks(self, *, part_of: str) -> Iterator[Task]:
        found = (self.lives.task(name, seq) for name, seq in self.seen.items())
        return (task for task in found if task.part_of == part_of)

    def events(self, stream: str) -> Sequence[Told]:
        return self.lives.told(stream)


class Recorded(NamedTuple):
    """When the events of a stream were recorded, in seconds since 1970, by their numbers."""

    seqs: array[int]
    at: array[float]


@dataclass
class _Lives:
    """Tasks at any of their events. Documents come in the order in which they were issued, and so each task is lived
    once, on from where it stood, as long as its record is kept. Where there is no room, those go first for which the
    last document did not ask; then those that were read last: whoever goes through more than there is room for, again
    and again, would find none of it if the oldest went. When events were recorded, and which of them erased something,
    is kept of all.
    """

    evidence: Evidence
    most: int = KEPT
    document: int = 0
    """Which document is looked at: they are counted."""
    _told: dict[str, Sequence[Told]] = field(default_factory=dict)
    _used: dict[str, int] = field(default_factory=dict)
    _recorded: dict[str, Recorded] = field(default_factory=dict)
    _erasing: dict[str, Sequence[Told]] = field(default_factory=dict)
    _tasks: dict[str, Task] = field(default_factory=dict)
    _openings: dict[str, list[str]] | None = None
    _held: int = 0

    def told(self, stream: str) -> Sequence[Told]:
        """The events of a stream that can be read."""
        found = self._told.pop(stream, None)
        if found is None:
            found = read(self.evidence.rows([stream]).get(stream, ()))[0]
            self._make_room(len(found))
            self._note(stream, found)
        self._told[stream], self._used[stream] = found, self.document
        return found

    def _note(self, stream: str, told: Sequence[Told]) -> None:
        """Keep what is small."""
        if stream not in self._recorded:
            at = array("d", (each.recorded_at.timestamp() for each in told))
            self._recorded[stream] = Recorded(array("q", (each.event.seq for each in told)), at)
            erased = [each for each in told if each.event.type is EventType.VALUES_REDACTED]
            self._erasing[stream] = [told[0], *erased] if erased else ()

    def erasing(self, stream: str) -> Sequence[Told]:
        """The events of a stream that erased something, after its first; none where nothing was erased."""
        if stream not in self._erasing:
            self.told(stream)
        return self._erasing[stream]

    def _make_room(self, events: int) -> None:
        """Streams cost something even where they are empty: each counts as one event more."""
        while self._told and self._held + events >= self.most:
            oldest, newest = next(iter(self._told)), next(reversed(self._told))
            gone = oldest if self._used[oldest] < self.document - 1 else newest
            self._held -= len(self._told.pop(gone)) + 1
            self._tasks.pop(gone, None)
        self._held += events + 1

    def event(self, stream: Any, seq: Any) -> Told | None:
        """One event by its place; None where it is not there."""
        told = self.told(str(stream))
        at = bisect_left(told, seq, key=lambda each: each.event.seq) if isinstance(seq, int) else len(told)
        return told[at] if at < len(told) and told[at].event.seq == seq else None

    def cause(self, event: Event) -> Event:
        """The event that ordered a document. Raises LookupError."""
        stream, _, seq = event.cause.rpartition("#")
        found = self.event(stream, int(seq))
        if found is None:
            raise Lacking(f"没有 {event.cause} 这一条", f"no cause {event.cause}")
        return found.event

    def recorded_at(self, stream: str, seq: int) -> datetime | None:
        """When an event was recorded; None where there is none."""
        if stream not in self._recorded:
            self.told(stream)
        recorded = self._recorded[stream]
        at = bisect_left(recorded.seqs, seq)
        found = at < len(recorded.seqs) and recorded.seqs[at] == seq
        return datetime.fromtimestamp(recorded.at[at], UTC) if found else None

    def task(self, stream: str, seq: int | None) -> Task:
        """A task after so many of its events, or all of them. Raises LookupError where it had not so many."""
        events = self.told(stream)[:seq]
        task = self._tasks.get(stream)
        if task is not None and task.seq > len(events):
            task = None
        for each in events[task.seq if task is not None else 0 :]:
            task = evolve(task, each.event)
        if task is None or (seq is not None and task.seq != seq):
            raise Lacking(f"{stream} 没有第 {seq} 条", f"{stream} had no event {seq}")
        self._tasks[stream] = task
        return task

    def members(self, programme: str) -> Sequence[str]:
        """The tasks that are part of a programme by their first events, without their children."""
        if self._openings is None:
            self._openings = _programmes(self.evidence.openings())
        return self._openings.get(programme, ())


def _programmes(openings: Mapping[str, str | None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for stream, payload in openings.items():
        if payload is not None and '"part_of"' in payload:
            try:
                told = parsed(payload)
            except ValueError:
                continue  # told by its chain
            if isinstance(told, dict) and told.get("part_of") and not told.get("parent"):
                found.setdefault(str(told["part_of"]), []).append(stream)
    return found
