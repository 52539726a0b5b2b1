"""The files of a package under `data/`, one after the other, from one moment of the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.chain import canonical, parsed
from engine.edition import Edition
from engine.events import Json, instant, iso
from workflows.audit.sealing.values import Row
from workflows.exporting.taken import EXPORTS
from workflows.office.evidence import files_in
from workflows.packaging.ports import Moment
from workflows.packaging.values import Scope
from workflows.packaging.withholding import Hidden, everything, of_sheet, withheld
from workflows.ports import CALENDARS, EDITIONS
from workflows.post import values as post
from workflows.redaction.values import REDACTED, REDACTIONS

ALWAYS = frozenset({EDITIONS, CALENDARS, EXPORTS, REDACTIONS})
"""Streams that every package has: by what was decided, who took the record away, by whose order something went."""

Told = Callable[[int], None]
"""Hears how many events were written."""


@dataclass
class Gathered:
    """What was seen while the events went by: how far each stream goes, which files they name, and when it all was."""

    streams: dict[str, int] = field(default_factory=dict)
    tasks: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    """Files that an event says were erased."""
    since: list[Mapping[str, Json]] = field(default_factory=list)
    """What was erased by events that are too late for the package."""
    first: datetime | None = None
    last: datetime | None = None

    @property
    def events(self) -> int:
        """How many events there are."""
        return sum(self.streams.values())


def wanted(moment: Moment, scope: Scope) -> frozenset[str] | None:
    """The streams that a scope asks for; None for all."""
    if not scope.tasks:
        return None
    family = moment.families(sorted(set(moment.roots(scope.tasks).values())))
    return frozenset({*family, *(f"{post.STREAM}{task}" for task in family), *ALWAYS})


def events(
    moment: Moment, scope: Scope, editions: Mapping[str, Edition], gathered: Gathered, told: Told
) -> Iterator[bytes]:
    """The lines of `events.ndjson`: each event as it stands, less what the law protects."""
    streams = wanted(moment, scope)
    hides = _Hiding(editions)
    for row in moment.rows():
        if streams is not None and row.stream not in streams:
            continue
        if not _in_time(row, scope):
            _note_late(row, gathered)
        else:
            shown = withheld(row, hides.of(row))
            _note(shown, gathered)
            told(gathered.events)
            yield canonical(shown._asdict()).encode() + b"\n"


def _in_time(row: Row, scope: Scope) -> bool:
    """Whether it was recorded by then; that the record was taken away always is."""
    if scope.until is None or row.stream == EXPORTS:
        return True
    told = _read(row.header)
    return str(told.get("recorded_at", "")) <= iso(scope.until)


def _read(text: str) -> Mapping[str, Json]:
    """An object, or nothing where a row is damaged: a package is of the record as it stands, and says so itself."""
    try:
        told = parsed(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _note(row: Row, gathered: Gathered) -> None:
    gathered.streams[row.stream] = gathered.streams.get(row.stream, 0) + 1
    header, payload = _read(row.header), _read(row.payload)
    if header.get("edition"):
        gathered.tasks.add(row.stream)
        gathered.erased.update((payload.get("files") or ()) if header.get("type") == REDACTED else ())
        gathered.files.update(_named(payload))
    if row.stream == EXPORTS:
        return
    try:
        occurred, recorded = instant(header["occurred_at"]), instant(header["recorded_at"])
    except (KeyError, TypeError, ValueError):
        return
    if header.get("edition"):
        gathered.first = min(occurred, gathered.first or occurred)
    gathered.last = max(recorded, gathered.last or recorded)


def _note_late(row: Row, gathered: Gathered) -> None:
    """What was erased since: it is gone from what the package has, and the event that says so is not in it."""
    if _read(row.header).get("type") == REDACTED:
        told = _read(row.payload)
        gathered.erased.update(told.get("files") or ())
        gathered.since.append({"stream": row.stream, "lines": told.get("lines"), "files": told.get("files")})


def _named(payload: Mapping[str, Json]) -> Iterator[str]:
    """The digests of the files that an event names: evidence, and a document with its template."""
    for file in files_in(payload):
        if isinstance(file.get("digest"), str):
            yield file["digest"]
    document = payload.get("document")
    if isinstance(document, dict):
        yield from (document[name] for name in ("docx", "template") if isinstance(document.get(name), str))


@dataclass
class _Hiding:
    """What is withheld of each stream; the kind of a task stands in its first event."""

    editions: Mapping[str, Edition]
    kinds: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[str, str], Hidden] = field(default_factory=dict)

    def of(self, row: Row) -> Hidden:
        """What to withhold of a row: everything that is set apart, where nobody says what of it is personal."""
        name = str(_read(row.header).get("edition") or "")
        if row.seq == 1:
            self.kinds[row.stream] = str(_read(row.payload).get("kind", ""))
        edition, kind = self.editions.get(name), self.kinds.get(row.stream)
        if edition is None or kind is None or kind not in edition.sheets:
            return everything
        if (name, kind) not in self.known:
            self.known[name, kind] = of_sheet(edition.sheets[kind])
        return self.known[name, kind]
