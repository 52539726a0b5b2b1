"""Where the office works: a store, a clock, and the editions and calendars that have been published into it.

Everything that the office does takes a desk as its first argument. It holds no state of its own but what it has read
and compiled, so that any number of desks may work on one store.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from threading import Lock
from typing import Any, TypeVar

from engine.calendars import Calendar
from engine.commands import Refusal
from engine.edition import Edition
from engine.events import instant, iso
from engine.loading import load
from engine.once import once
from engine.problems import Spoken, Text
from engine.task import Family
from engine.turn import Over
from workflows.calendars import in_force, record_of
from workflows.clock import Clock, ClockJumped, VirtualClock, Watch, pause, wall
from workflows.papers.ports import Papers, Press
from workflows.people.ports import People
from workflows.ports import CALENDARS, EditionRecord, Store, Work

T = TypeVar("T")

LAST_SWEEP = "last_sweep"
CLOCK = "clock"
PURPOSE = "purpose"
"""Notes that a database keeps about itself."""

UNREAD = "unread"
"""No version of the calendars has been looked for yet."""

PAUSES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries while somebody else works on the same task."""


@dataclass(frozen=True)
class _Units(Mapping[str, Over]):
    """Where each unit stands: read once, when it is first asked for. Few rules ask."""

    people: People | None

    def __bool__(self) -> bool:
        """There is an organisation, whether or not it has units: to ask for their number would read them."""
        return True

    @once
    def _known(self) -> dict[str, Over]:
        units = self.people.units() if self.people is not None else ()
        return {unit.id: Over(unit.level, unit.over) for unit in units}

    def __getitem__(self, unit: str) -> Over:
        return self._known[unit]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


class NotHeld(Spoken, LookupError):
    """A definition or a calendar by which tasks were decided was taken out of the database, or cannot be read. Says
    which, and what to do.
    """

    def __init__(self, zh: str, en: str, cure: Text | None = None) -> None:
        self.cause, self.cure = Text(zh, en), cure or _RESTORE
        super().__init__(f"{zh}；{self.cure.zh}", f"{en}; {self.cure.en}")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (*self.cause, self.cure)


_NEWER = Text(
    "请用发布它的那一版或更新的程序；若内容被改动，请停用并从备份恢复；duban verify 会列出缺什么",
    "use the version of the program that published it, or a later one; if it was altered, stop using it and restore a"
    " backup; duban verify tells what is gone",
)
_RESTORE = Text(
    "请停用并从备份恢复；duban verify 会列出缺什么",
    "stop using it and restore a backup; duban verify tells what is gone",
)


@dataclass
class Desk:
    """`busy` are the store's errors after which a whole command is tried again. A virtual clock makes it a
    rehearsal.
    """

    store: Store
    clock: Clock = field(default_factory=Watch)
    channel: str = "cli"
    login: str | None = None
    people: People | None = None
    busy: tuple[type[Exception], ...] = ()
    papers: Papers | None = None
    press: Press | None = None
    """Who keep and print official documents; without them no document is issued, and those ordered wait."""
    vouched: set[str] | None = None
    """The digests of the files that whoever asks has shown to be theirs; see `workflows.office.evidence`. None at an
    operator's desk."""
    _editions: dict[str, Edition] = field(default_factory=dict)
    _bases: dict[str, Calendar] = field(default_factory=dict)
    """The calendars that editions pin, by the edition's name."""
    _calendars: dict[tuple[str, str], Calendar] = field(default_factory=dict)
    """Those in force, by the version of what administrators changed and the edition's name."""
    _reading: Lock = field(default_factory=Lock, repr=False, compare=False)
    """Held while an edition is read, by whichever copy of the desk."""
    _versions: dict[str, Calendar] = field(default_factory=dict)
    """Any that was ever in force, by its digest: what a digest names never changes."""
    _version: str | None = field(default=UNREAD, init=False)
    """Of what administrators changed, as this desk saw it last; a copy of the desk looks for itself."""

    # -- what has been published

    def latest(self, process: str) -> tuple[Edition, Calendar] | Refusal:
        """The edition in force now (before any is, the one that will be first), and its calendar."""
        record = self.store.edition(process, at=self._present())
        if record is None:
            known = sorted({each.process for each in self.store.editions()})
            return Refusal("unknown_process", {"process": process, "known": known})
        return self._read(record)

    def to_pin(self, name: str) -> tuple[Edition, Calendar] | Refusal:
        """The edition that a task pins which is registered now: the one in force, or the one that is named
        (`process@edition`); one whose day has not come yet waits.
        """
        process, _, edition = name.partition("@")
        now = self._present()
        record = self.store.edition(process, edition or None, at=now)
        if record is None:
            known = [each.name if edition else each.process for each in self.store.editions()]
            return Refusal("unknown_process", {"process": name, "known": sorted(set(known))})
        if record.since > now:
            since = record.since.astimezone(self._read(record)[0].zone)
            return Refusal("not_in_force", {"edition": record.name, "since": since.date().isoformat()})
        return self._read(record)

    def _present(self) -> datetime:
        """The clock; where it is not to be believed nothing is decided, and what is looked at may be as it says."""
        try:
            return self.clock()
        except ClockJumped:
            return wall()

    def book(self, name: str) -> tuple[Edition, Calendar]:
        """The edition that a task pins (`process@edition`), and its calendar. Raises `NotHeld` where it is gone."""
        if name not in self._editions:
            process, _, edition = name.partition("@")
            record = self.store.edition(process, edition)
            if record is None:
                raise NotHeld(
                    f"有事项依据 {name}，库中却没有这一版", f"{name} is pinned by a task and is not in this database"
                )
            return self._read(record)
        return self._editions[name], self._calendar(name)

    def _calendar(self, name: str) -> Calendar:
        """The calendar of an edition, with what administrators have changed in it."""
        if self._version == UNREAD:
            self._version = self.store.note(CALENDARS)
        if self._version is None:
            return self._bases[name]
        known = self._version, name
        if known not in self._calendars:
            self._calendars[known] = in_force(self.store, self._bases[name], record_of(self.store, self._version))
        return self._calendars[known]

    def version_of(self, digest: str) -> Calendar | None:
        """A version of a calendar by the digest that a decision names, as `backtest` asks for it."""
        if digest not in self._versions and (text := self.store.calendar(digest)) is not None:
            self._versions[digest] = Calendar.from_mapping(json.loads(text))
        return self._versions.get(digest)

    def _read(self, record: EditionRecord) -> tuple[Edition, Calendar]:
        """Read at most once: of many who ask first, one reads and the others wait."""
        if record.name not in self._editions:
            with self._reading:
                if record.name not in self._editions:
                    self._bases[record.name], self._editions[record.name] = self._loaded(record)
        return self._editions[record.name], self._calendar(record.name)

    def _loaded(self, record: EditionRecord) -> tuple[Calendar, Edition]:
        edition = load(record.text, f"{record.name}.yaml").edition
        if edition is None:
            raise NotHeld(
                f"本版本的程序读不了已发布的定义 {record.name}",
                f"{record.name} was published and is not a definition for this version of the program",
                _NEWER,
            )
        text = self.store.calendar(record.calendar)
        if text is None:
            raise NotHeld(
                f"{record.name} 所依的日历 {record.calendar[:12]} 不在库中",
                f"the calendar {record.calendar[:12]} of {record.name} is not in this database",
            )
        try:
            return Calendar.from_mapping(json.loads(text)), edition
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise NotHeld(f"{record.name} 的日历已损坏", f"the calendar of {record.name} is damaged") from error

    @property
    def units(self) -> Mapping[str, Over]:
        """The organisation as it is now: where each unit stands. It is read when a rule asks for it."""
        return _Units(self.people)

    @property
    def zone(self) -> tzinfo:
        """The office's zone: that of its first process; UTC where none is published."""
        processes = sorted({each.process for each in self.store.editions()})
        found = self.latest(processes[0]) if processes else None
        return found[0].zone if isinstance(found, tuple) else UTC

    # -- transactions

    @contextmanager
    def work(self, roots: Sequence[str]) -> Iterator[Work]:
        """Begin a transaction on these families, and decide in it by the calendars as they are then: what is decided
        before a change of them is committed before, and found by who works out the dates anew.
        """
        with self.store.work(roots) as work:
            self._version = work.calendars
            yield work

    @contextmanager
    def work_on(self, task: str) -> Iterator[Work]:
        """The same on the one family to which a task belongs."""
        with self.store.work_on(task) as work:
            self._version = work.calendars
            yield work

    # -- the clock

    @property
    def virtual(self) -> bool:
        """Whether time moves only when told, here."""
        return isinstance(self.clock, VirtualClock)

    @once
    def swept_until(self) -> datetime | None:
        """Until when time has run for every task, when this desk was opened."""
        note = self.store.note(LAST_SWEEP)
        return instant(note) if note else None

    def untrusted(self) -> Refusal | None:
        """Why the clock is not to be believed now, if so."""
        try:
            now = self.clock()
        except ClockJumped as jumped:
            return Refusal("clock_jumped", {"minutes": round(jumped.jump.total_seconds() / 60)})
        last = self.swept_until
        return Refusal("clock_behind", {"now": iso(now), "last": iso(last)}) if last and now < last else None

    def quiet(self, family: Family) -> dict[str, datetime]:
        """Until when the lights of these tasks have been looked at: each midnight before the last sweep."""
        return dict.fromkeys(family, self.swept_until) if self.swept_until else {}

    # -- trying again

    def persist(self, attempt: Callable[[], T]) -> T:
        """Do the whole of something again while others are in the way; the last failure is raised."""
        for seconds in PAUSES:
            try:
                with uncollected():
                    return attempt()
            except self.busy:
                pause(seconds)
        with uncollected():
            return attempt()


@contextmanager
def uncollected() -> Iterator[None]:
    """Let cycles of garbage wait: what a decision makes is nearly all gone at its end without a collector, which
    would look through it again and again meanwhile, at a tenth of the time of a sweep.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


SLACK = timedelta(seconds=1)
"""How far a family's last decision may stand before the clock: several decisions of one instant are a tick apart."""


def behind(family: Family, now: datetime) -> Refusal | None:
    """The refusal where the clock stands before something that is recorded already."""
    last = max((instant(task.touched_at) for task in family.values()), default=now)
    return Refusal("clock_behind", {"now": iso(now), "last": iso(last)}) if now < last - SLACK else None
