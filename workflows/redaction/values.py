"""An order to erase, as the stream `redactions` tells it, and what a history says of one that was carried out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, NamedTuple

from engine.events import EventType, Json
from workflows.people.values import Entry

REDACTIONS = "redactions"
"""The stream of orders: what was asked for, by whom and why, and who approved or returned it."""

ORGANISATION = "organisation"
"""The stream from which what tells of a person who left is erased."""

ACCOUNT = frozenset({"name", "mail", "subject"})
"""What the organisation's stream says of a person. The name of the account stays: history names it."""

REDACTED = EventType.VALUES_REDACTED.value
"""What an erased stream says of it, a task's and the organisation's."""

REASON = "reason"
"""Names, beside fields, the words that somebody gave as a reason (of a late entry, a return …)."""

PLAN = "milestones"
"""Names the rows of the plan, all together."""


class Done(StrEnum):
    """What is recorded in the stream `redactions`."""

    ASKED = "RedactionAsked"
    RETURNED = "RedactionReturned"
    APPROVED = "RedactionApproved"


State = Literal["asked", "returned", "approved"]

_AFTER: Mapping[Done, State] = {Done.ASKED: "asked", Done.RETURNED: "returned", Done.APPROVED: "approved"}


class Line(NamedTuple):
    """One line of a stream: of which event, in which part of its payload, under which name (None: all of the part)."""

    seq: int
    part: str
    name: str | None

    def to_json(self) -> dict[str, Json]:
        """As the event that erased it names it."""
        return {"seq": self.seq, "part": self.part, "name": self.name}

    @property
    def label(self) -> str:
        """For people: `#4 form.contact`."""
        return f"#{self.seq} {self.part}" + (f".{self.name}" if self.name is not None else "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants erased: of a stream the values under these names, in these events (none: in all), and files
    of evidence by their digests. Of the organisation the one name is that of the user.
    """

    stream: str
    names: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    files: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As the order keeps it."""
        lists = {"names": list(self.names), "events": list(self.events), "files": list(self.files)}
        return {"stream": self.stream, **lists}


@dataclass(frozen=True, slots=True)
class Order:
    """An order (`R-1`) with everything that was done to it."""

    subject: str
    state: State
    wanted: Wanted
    reason: str
    asked_by: str
    entries: tuple[Entry, ...] = field(default=(), repr=False)

    @property
    def approved(self) -> Entry | None:
        """By whom and when it was approved."""
        return next((each for each in self.entries if each.type == Done.APPROVED), None)

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        by = self.approved
        told = {"order": self.subject, "state": self.state, **self.wanted.to_json(), "reason": self.reason}
        return {**told, "asked_by": self.asked_by, "approved_by": by.actor if by else None}


def orders(entries: Iterable[Entry]) -> dict[str, Order]:
    """All orders by their subject, in the order in which they were asked for."""
    found: dict[str, Order] = {}
    for each in entries:
        subject, state = str(each.told["subject"]), _AFTER[Done(each.type)]
        known = found.get(subject)
        if known is None:
            told = each.told
            lists = (tuple(told[name]) for name in ("names", "events", "files"))
            wanted = Wanted(str(told["stream"]), *lists)
            found[subject] = Order(subject, state, wanted, str(told["text"]), each.actor, (each,))
        else:
            found[subject] = replace(known, state=state, entries=(*known.entries, each))
    return found


@dataclass(frozen=True, slots=True)
class Redaction:
    """What an event `ValuesRedacted` says: by which order, of which lines of its own stream, and which files."""

    ref: str
    seq: int
    order: str
    lines: tuple[Line, ...]
    files: tuple[str, ...] = ()


def redaction(ref: str, seq: int, told: Mapping[str, Json]) -> Redaction:
    """The event, read. Raises KeyError or TypeError where it is none."""
    lines = tuple(Line(each["seq"], each["part"], each["name"]) for each in told["lines"])
    return Redaction(ref, seq, str(told["order"]), lines, tuple(map(str, told.get("files", ()))))


def said_of(order: Order, lines: Sequence[Line]) -> dict[str, Json]:
    """What the event carries: never a value."""
    files = list(order.wanted.files)
    return {"order": order.subject, "lines": [each.to_json() for each in lines], "files": files}
