"""The bench of one process: a moment of the database, the books, and families looked at on it, a batch at a time; or
chains alone, each stream by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from engine.chain import parsed
from engine.reasons import reason_of
from workflows.audit.verifying import books as all_books
from workflows.audit.verifying import chains, deciding, redacted, standing, tallies
from workflows.audit.verifying.books import Books
from workflows.audit.verifying.family import read
from workflows.audit.verifying.findings import Finding, unreadable
from workflows.audit.verifying.ports import Evidence, Unreadable
from workflows.audit.verifying.values import Raw, Row, moment_in
from workflows.desk import CLOCK, LAST_SWEEP, PURPOSE, uncollected
from workflows.post import values as post

Tables = Mapping[str, Sequence[Row]]

LIVE = (None, "live")
"""The purposes of a database that goes by the real time."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one group of streams. `heads`: the number and hash of the last event of each, as it was then."""

    name: str
    events: int
    heads: Mapping[str, Sequence[Any]]
    findings: Sequence[Finding] = ()
    tally: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Links:
    """One moment of a database, to look at its chains alone. `now` is its clock where it is another than that of the
    wall. `groups` are what is looked at by itself: here each stream is one.
    """

    evidence: Evidence
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    now: datetime | None = None

    def look(self, names: Sequence[str]) -> list[Looked]:
        """Look at some streams; what cannot be read together is read one by one."""
        with uncollected():
            try:
                rows = self.evidence.links(names)
                return [self._chain(name, rows[name]) for name in names if name in rows]
            except Unreadable as error:
                if len(names) == 1:
                    return [Looked(names[0], 0, {}, [unreadable(names[0], reason_of(error))])]
        return [found for name in names for found in self.look([name])]

    def _chain(self, name: str, rows: Sequence[Row]) -> Looked:
        findings = list(chains.check(name, rows, self._until(name)))
        if redacted.touched(rows):
            findings += redacted.check(name, self.evidence.rows([name]).get(name, ()))
        last = Raw(*rows[-1])
        return Looked(name, len(rows), {name: [last.seq, last.hash]}, findings)

    def _until(self, stream: str) -> datetime:
        """When a stream may have been recorded at the latest: deliveries know no other clock than that of the wall."""
        now = self.now or self.evidence.now
        return max(now, self.evidence.now) if stream.startswith(post.STREAM) else now


@dataclass
class Bench(Links):
    """The same to look at everything, with all that is read once. Groups are families and other streams."""

    books: Books = field(default_factory=Books)
    swept: datetime | None = None
    known: frozenset[str] = frozenset()
    """The digests of the files that are there."""

    def look(self, names: Sequence[str]) -> list[Looked]:
        """Look at some groups; what cannot be read together is read one by one."""
        streams = [stream for name in names for stream in self.groups.get(name, ())]
        with uncollected():
            try:
                rows = self.evidence.rows(streams)
                kept = self._kept(streams)
            except Unreadable as error:
                if len(names) == 1:
                    return [self._unreadable(names[0], error)]
            else:
                return [self._one(name, rows, kept) for name in names if name in self.groups]
        return [found for name in names for found in self.look([name])]

    def _kept(self, streams: Sequence[str]) -> Mapping[str, Mapping[str, list[Row]]]:
        """Stored rows by table and task."""
        found: dict[str, dict[str, list[Row]]] = {}
        for table, rows in self.evidence.kept(streams).items():
            mine = found[table] = {}
            for row in rows:
                mine.setdefault(row[0], []).append(row)
        return found

    def _unreadable(self, name: str, error: Exception) -> Looked:
        """One group by itself: the chains of those of its streams that can be read."""
        findings = [unreadable(name, reason_of(error))]
        for stream in self.groups[name]:
            try:
                findings += chains.check(stream, self.evidence.links([stream]).get(stream, ()), self._until(stream))
            except Unreadable as worse:
                findings.append(unreadable(stream, reason_of(worse)))
        return Looked(name, 0, {}, findings)

    def _one(self, name: str, rows: Mapping[str, Sequence[Raw]], kept: Mapping[str, Mapping[str, list[Row]]]) -> Looked:
        mine = {stream: rows.get(stream, ()) for stream in self.groups[name]}
        heads = {stream: [told[-1].seq, told[-1].hash] for stream, told in mine.items() if told}
        findings = [found for stream, told in mine.items() for found in self._stream(stream, told)]
        tally: Mapping[str, Any] = {}
        if name.startswith(FAMILY):
            stored = {t: list(chain.from_iterable(by.get(s, ()) for s in mine)) for t, by in kept.items()}
            try:
                found, tally = self._family(mine, stored)
                findings += found
            except Exception as error:  # noqa: BLE001 - forged or damaged content may break any rule: it is told, and the others are reached
                facts = {"error": reason_of(error).both}
                findings.append(Finding("history_broken", name.removeprefix(FAMILY), None, facts))
        return Looked(name, sum(map(len, mine.values())), heads, findings, tally)

    def _stream(self, stream: str, rows: Sequence[Raw]) -> Iterator[Finding]:
        encoded = list(map(chains.encoded, rows))
        yield from chains.check(stream, encoded, self._until(stream))
        if redacted.touched(encoded):
            yield from redacted.check(stream, rows)

    def _family(self, rows: Mapping[str, Sequence[Raw]], kept: Tables) -> tuple[Sequence[Finding], Mapping[str, Any]]:
        told, unread = read(each for mine in rows.values() for each in mine)
        if not told:
            return unread, {}
        family = deciding.live(self.books, told, self.swept)
        stored = standing.check(self.evidence, family, kept, self.now or self.evidence.now)
        lawful = redacted.lawful(self.books, family)
        findings = [*unread, *family.findings, *family.undecided, *tallies.files(family, self.known), *stored, *lawful]
        return findings, tallies.tally(family).plain()


FAMILY = "task:"
"""Begins the name of a group that is a family; another is a single stream."""


def links(evidence: Evidence) -> Links:
    """Set a bench up for chains alone. It is asked for streams by their names, and knows none."""
    return Links(evidence, now=_clock(_notes(evidence)))


def bench(evidence: Evidence) -> Bench:
    """Set a bench up for everything."""
    notes = _notes(evidence)
    swept, known = moment_in(notes.get(LAST_SWEEP)), frozenset(evidence.digests())
    return Bench(evidence, grouped(evidence.openings()), _clock(notes), all_books.read(evidence), swept, known)


def _clock(notes: Mapping[str, str]) -> datetime | None:
    """The clock of a database that does not go by the real time."""
    return moment_in(notes.get(CLOCK)) if notes.get(PURPOSE) not in LIVE else None


def _notes(evidence: Evidence) -> dict[str, str]:
    try:
        return {row["name"]: row["value"] for row in evidence.table("notes")}
    except Unreadable:
        return {}  # told by whoever compares the notes


def grouped(openings: Mapping[str, str | None]) -> dict[str, list[str]]:
    """What is looked at together: families by the root that their first events name, and every other stream."""
    found: dict[str, list[str]] = {}
    for stream, payload in openings.items():
        root = root_of(payload)
        found.setdefault(f"{FAMILY}{root}" if root is not None else stream, []).append(stream)
    return {name: sorted(found[name]) for name in sorted(found)}


def root_of(payload: str | None) -> str | None:
    """The root that the first event of a task's stream names, None of any other stream."""
    try:
        told = parsed(payload) if payload is not None else None
    except (TypeError, ValueError):
        return None
    root = told.get("root") if isinstance(told, dict) else None
    return root if isinstance(root, str) else None


def strays(made: Bench) -> Iterator[Finding]:
    """Rows about tasks of which there is no event at all."""
    known = {stream for streams in made.groups.values() for stream in streams}
    for table, owners in made.evidence.owners().items():
        for task in sorted(map(str, owners - known)):
            yield Finding("row_stray", task, None, {"table": table, "key": task})
