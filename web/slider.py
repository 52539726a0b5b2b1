"""A slider over time: from the first day on record until today, a step to the day before and after on which something
changed, and what is asked of the past by the address. It is a form with a range and dates, and works without scripts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from engine.once import once
from workflows.audit.moments import Moment

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
"""Days beyond are asked for by nobody who reckons with them."""

SAME = "then"
"""As `known`: as it was known on the very day that is looked at."""


def day_of(text: str) -> date | None:
    """A day as an address has it, or as the slider sends it (its number); None for what is none."""
    try:
        found = date.fromordinal(int(text)) if text.isdecimal() else date.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST < found < LATEST else None


def end_of(day: date, zone: tzinfo) -> datetime:
    """The last instant of a day."""
    return start_of(day + timedelta(days=1), zone) - timedelta(microseconds=1)


def start_of(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(), zone)


@dataclass(frozen=True)
class Back:
    """What an address asks of the past. `day` is what the slider sends, and goes before `at`; `known` is `then`, or
    nothing for what is known now, and `known_on` a day of its own; `since` is a day to compare with; `learned` asks
    what was learned later about the day.
    """

    zone: tzinfo
    at: date | None
    known: date | None
    same: bool
    since: date | None
    learned: bool

    @classmethod
    def of(cls, params: Mapping[str, str], zone: tzinfo) -> Back:
        """What a query says."""
        at = day_of(params.get("day", "").strip()) or day_of(params.get("at", "").strip())
        known, same = day_of(params.get("known_on", "").strip()), params.get("known", "") == SAME
        learned = params.get("learned") == "1"
        return cls(zone, at, known, same and known is None, day_of(params.get("since", "").strip()), learned)

    @once
    def moment(self) -> Moment | None:
        """The two times that are asked for; None where nothing of the past is."""
        if self.at is None:
            return None
        at = end_of(self.at, self.zone)
        known = self.at if self.same else self.known
        return Moment(at, None if known is None else end_of(known, self.zone))

    @property
    def compared(self) -> Moment | None:
        """The moment with which it is compared: another day by the same knowledge, or the same day as it was known."""
        if self.moment is None:
            return None
        if self.learned:
            return Moment(self.moment.at, self.moment.at)
        if self.since is None:
            return None
        at = end_of(self.since, self.zone)
        return Moment(at, at if self.same else self.moment.known_at)

    @property
    def learning(self) -> Moment | None:
        """What stands on the other side of a comparison: as it is known now, where the question is what was learned."""
        return Moment(self.moment.at) if self.moment is not None and self.learned else self.moment

    @property
    def said(self) -> Mapping[str, str]:
        """The parts of the address, in their shortest form."""
        told = {
            "at": self.at and self.at.isoformat(),
            "known": SAME if self.same else "",
            "known_on": self.known and self.known.isoformat(),
            "since": self.since and self.since.isoformat(),
            "learned": "1" if self.learned else "",
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened before or after: the number and the words of an event, and its local time."""

    seq: int
    text: str
    at: datetime


@dataclass(frozen=True)
class Slider:
    """The slider as a page draws it: days from `first` to `last`, where it stands, and where to step. `kept` are the
    other parts of the address.
    """

    address: str
    back: Back
    first: date
    last: date
    before: date | None
    after: date | None
    kept: Mapping[str, str]
    marks: Sequence[date] = ()
    """The days on which something happened."""
    stands: Step | None = None
    earlier: Step | None = None
    later: Step | None = None
    """Of one task: the event after which it stands, if it stands at one, and those before and after."""

    def to_event(self, step: Step) -> str:
        """The address of the moment of an event."""
        return self.to(step.at.date(), step=str(step.seq))

    @property
    def at(self) -> date:
        """Where it stands, within its ends."""
        return min(max(self.back.at or self.last, self.first), self.last)

    @property
    def tail(self) -> str:
        """The query of the same moment, for another page."""
        return f"?{urlencode(self.back.said)}"

    def to(self, day: date | None, **changes: str) -> str:
        """The address at another day, or with other knowledge."""
        told = {**self.kept, **self.back.said, **({"at": day.isoformat()} if day else {}), **changes}
        return f"{self.address}?{urlencode({name: value for name, value in told.items() if value})}"


def local_day(moment: datetime | None, zone: tzinfo) -> date | None:
    """The day of an instant."""
    return None if moment is None else moment.astimezone(zone).date()
