"""By what each event was decided, found again by name or digest and never by what is in force now: editions with the
calendars that they pin, versions of calendars, and where units stood.

What was published, which days administrators changed, and who stands over whom is read from the chained streams; the
tables beside them hold the texts, each under its digest.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from engine.calendars import Calendar
from engine.chain import parsed
from engine.edition import Edition
from engine.events import instant
from engine.lines import readable
from engine.loading import load
from engine.once import once
from engine.turn import Over
from workflows.audit.verifying.ports import Evidence, Unreadable
from workflows.audit.verifying.values import Raw
from workflows.authoring.proposals import Done
from workflows.people.values import Changed, Entry
from workflows.ports import CALENDARS, EDITIONS
from workflows.redaction.values import REDACTIONS, Order, orders

ORGANISATION = "organisation"

SLACK = timedelta(seconds=10)
"""So long two transactions may overlap: one that began before a change is recorded may be recorded after it."""


@dataclass
class Books:
    """Everything that decisions were made by. `editions` are compiled anew from their texts."""

    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The rows of `editions`, by `process@edition`."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Calendars (and what administrators changed in them) as text, by the digest that the text has."""
    published: Sequence[Entry] = ()
    changed: Sequence[Entry] = ()
    organised: Sequence[Entry] = ()
    asked: Sequence[Entry] = ()
    """What was done to orders to erase."""
    _editions: dict[str, Edition | None] = field(default_factory=dict)
    _by_digest: dict[str, str] = field(default_factory=dict)
    _calendars: dict[str, Calendar | None] = field(default_factory=dict)
    _in_force: dict[tuple[str, str | None], str | None] = field(default_factory=dict)
    _allowed: dict[tuple[str, int, int], list[str]] = field(default_factory=dict)
    _units: list[tuple[datetime, Mapping[str, Over]]] | None = None

    # -- editions

    def edition(self, name: str) -> Edition | None:
        """An edition by `process@edition`, compiled from its text; None where it is not there or no longer loads."""
        if name not in self._editions:
            record = self.records.get(name)
            loaded = load(record["text"], f"{name}.yaml").edition if record else None
            self._editions[name] = loaded if loaded is not None and loaded.name == name else None
        return self._editions[name]

    def by_digest(self, digest: str) -> Edition | None:
        """An edition by the SHA-256 of its text, as a decision names it."""
        if not self._by_digest:
            self._by_digest = {sha256(each["text"].encode()).hexdigest(): name for name, each in self.records.items()}
        name = self._by_digest.get(digest)
        return self.edition(name) if name is not None else None

    def since(self, name: str) -> datetime | None:
        """From when on an edition was in force, by the record of its publication."""
        found = self.publication(name)
        return instant(found.told["in_force_at"]) if found else None

    def publication(self, name: str) -> Entry | None:
        """The entry by which an edition was published."""
        done = (each for each in self.published if each.type == Done.EDITION_PUBLISHED)
        return next((each for each in done if each.told.get("subject") == name), None)

    # -- calendars

    def calendar(self, digest: str) -> Calendar | None:
        """A version of a calendar by its digest; None where no text has that digest."""
        if digest not in self._calendars:
            text = self.texts.get(digest)
            found = Calendar.from_mapping(json.loads(text)) if text is not None else None
            self._calendars[digest] = found if found is not None and found.digest == digest else None
        return self._calendars[digest]

    def in_force(self, edition: str, at: datetime) -> list[str]:
        """The digests of the calendar by which tasks of an edition were decided at an instant: the one that it pins,
        with what administrators had changed by then; two where a change was just being written.
        """
        first, last = (bisect_right(self._changed_at, at + by) for by in (-SLACK, SLACK)) if self.changed else (0, 0)
        name = (edition, first, last)
        if name not in self._allowed:
            self._allowed[name] = self._between(self.records[edition]["calendar"], first, last)
        return self._allowed[name]

    def _between(self, base: str, first: int, last: int) -> list[str]:
        """The digests of a calendar after the `first` changes, and after each further one up to the `last`."""
        versions = [self.changed[n - 1].told["version"] if n else None for n in range(first, last + 1)]
        return [found for version in versions if (found := self._version(base, version)) is not None]

    @once
    def _changed_at(self) -> list[datetime]:
        return [each.recorded_at for each in self.changed]

    def _version(self, base: str, version: str | None) -> str | None:
        if (base, version) not in self._in_force:
            self._in_force[base, version] = self._made(base, version)
        return self._in_force[base, version]

    def _made(self, base: str, version: str | None) -> str | None:
        """The digest of a calendar with the changes of a version: notices first, single days over them all."""
        calendar, text = self.calendar(base), self.texts.get(version or "")
        if calendar is None or version is None:
            return calendar.digest if calendar else None
        if text is None:
            return None
        changes = json.loads(text).get(calendar.name, ())
        for each in (one for one in changes if "day" not in one):
            notice = self.calendar(each["digest"])
            if notice is None:
                return None
            calendar = calendar.with_notice(notice)
        for each in (one for one in changes if "day" in one):
            calendar = calendar.with_overrides({date.fromisoformat(each["day"]): each["working"]}, label=each["reason"])
        self._calendars.setdefault(calendar.digest, calendar)
        return calendar.digest

    # -- orders to erase

    @once
    def orders(self) -> Mapping[str, Order]:
        """Orders to erase by their subject. Damaged ones are left out: their chain tells of them."""
        return _tolerant(lambda: orders(self.asked)) or {}

    # -- the organisation

    def units(self, at: datetime) -> Mapping[str, Over]:
        """Where each unit stood at an instant."""
        if self._units is None:
            self._units = list(_organised(self.organised))
        index = bisect_right(self._units, at, key=lambda each: each[0])
        return self._units[index - 1][1] if index else {}


def _organised(entries: Sequence[Entry]) -> list[tuple[datetime, Mapping[str, Over]]]:
    found: list[tuple[datetime, Mapping[str, Over]]] = []
    now: Mapping[str, Over] = {}
    for each in entries:
        if each.type in (Changed.UNIT_FOUNDED, Changed.UNIT_MOVED):
            now = {**now, each.told["unit"]: Over(each.told["level"], each.told["over"])}
            found.append((each.recorded_at, now))
    return found


def read(evidence: Evidence) -> Books:
    """Open the books of a database. What cannot be read is left out: whoever needs it finds it missing."""
    records = _tolerant(lambda: {f"{each['process']}@{each['edition']}": each for each in evidence.table("editions")})
    texts = _tolerant(lambda: {_digest(each["text"]): each["text"] for each in evidence.table("calendars")})
    rows = {stream: _entries(evidence, stream) for stream in (EDITIONS, CALENDARS, ORGANISATION, REDACTIONS)}
    return Books(records or {}, texts or {}, rows[EDITIONS], rows[CALENDARS], rows[ORGANISATION], rows[REDACTIONS])


def _digest(text: str) -> str:
    """The digest by which a calendar, or a record of changes, is called: of its text as it is kept."""
    return sha256(text.encode()).hexdigest()


def _tolerant(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except (Unreadable, KeyError, TypeError, AttributeError, ValueError):
        return None


def _entries(evidence: Evidence, stream: str) -> list[Entry]:
    rows = _tolerant(lambda: evidence.rows([stream]).get(stream, ()))
    found = [_entry(row) for row in rows or ()]
    return [each for each in found if each is not None]


def _entry(row: Raw) -> Entry | None:
    """What a row tells; of a damaged one nothing, which its chain says."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row.recorded_at)
        told = parsed(readable(row.payload, row.salts))
        return Entry(row.seq, row.type, row.actor, moment, told) if isinstance(told, dict) else None
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None
