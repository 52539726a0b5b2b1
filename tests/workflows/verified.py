"""A small office with a little of everything that a verification looks at, and how to damage it.

It has lived two months: tasks that lag, late entries, deadlines met and missed, documents of which one is void and one
waits, evidence, people and rights, a changed calendar, answers under keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from engine.chain import GENESIS, canonical, parsed, recorded_text, salt_bytes, salted, seal
from engine.commands import Actor
from engine.events import Json
from storage import StoreBusy
from storage.evidence import open_evidence
from storage.instants import micros_of
from storage.offices import Office, open_office
from tests.workflows.conftest import LEAD, OFFICE, at
from tests.workflows.test_papers import DEFINED
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.running import Asked, Heads, Verified, verify
from workflows.authoring.calendars import Changed, override
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.papers.values import Document, Template
from workflows.papers.voiding import void
from workflows.people import accounts, holdings, units
from workflows.people.values import By, Holding, Unit
from workflows.rows import Row
from workflows.sources import calendar_named

ADMIN = Actor("root", ("admin",))
PLAN = {f"2022-{month:02}": {"planned": str(10 * month)} for month in range(1, 12)}


@dataclass(frozen=True)
class Press:
    """Prints facts as they are: what is printed is no matter here."""

    ink: bytes = b""

    def names(self, _template: bytes) -> set[str]:
        return set()

    def catalogue(self, facts: Mapping[str, Json]) -> bytes:
        return canonical(dict(facts)).encode()

    def render(self, template: bytes, facts: Mapping[str, Json]) -> bytes:
        return template + self.ink + canonical(dict(facts)).encode()


@dataclass(frozen=True)
class Story:
    """What happened in the two months. Whoever lies lets the program live another one: `acts` says what becomes of each
    act of the true one.
    """

    acts: Callable[[Act], Sequence[Act]] = lambda act: [act]
    definition: str = DEFINED
    free: date = date(2022, 2, 25)
    press: Press = field(default_factory=Press)


TRUE = Story()


def lived(url: str, story: Story = TRUE) -> None:
    """The two months, in a new database."""
    began(url, story)
    went_on(url, story)


def began(url: str, story: Story = TRUE) -> None:
    """January."""
    with at_work(url, story, "2022-01-20 09:00", create=True) as (office, desk):
        _founded(office, desk, story)
        _january(office, desk, story, _registered(desk))


def went_on(url: str, story: Story = TRUE) -> None:
    """February, in the same database."""
    with at_work(url, story, "2022-02-10 09:00") as (_, desk):
        made = override(desk, "cn", story.free, ADMIN, calendar_named, working=False, reason="Notice 7")
        assert isinstance(made, Changed), made
        _february(desk, story, [f"promises-{n:02}" for n in range(1, 5)])


@contextmanager
def at_work(url: str, story: Story, moment: str, *, create: bool = False) -> Iterator[tuple[Office, Desk]]:
    """The office and its desk from some local time on."""
    clock = VirtualClock(at(moment))
    office = open_office(url, create=create, clock=clock, unsafe=True)
    people, papers = office.people, office.documents
    try:
        yield office, Desk(office.store, clock, people=people, busy=(StoreBusy,), papers=papers, press=story.press)
    finally:
        office.close()


def _founded(office: Office, desk: Desk, story: Story) -> None:
    by, start = By("root"), desk.clock()
    units.found(office.people, Unit("水务局", "水务局", "bureau", None, start), by)
    units.rename(office.people, "水务局", "市水务局", by)
    for name in ("wang", "sun"):
        accounts.add_user(office.people, accounts.new_user(name, start, mail=f"{name}@office.example"), by)
    assert isinstance(publish(desk, story.definition, calendar_named), Published)
    known = {"promises": {"office": False, "lead": True}}
    for user, role, unit in (("wang", "lead", "水务局"), ("sun", "office", None)):
        holdings.grant(office.people, Holding(user, role, "promises", unit, start), by, known)
    template = b"template: "
    kept = Template("promises", "order.docx", sha256(template).hexdigest(), "root", start)
    office.documents.keep_template(kept, template)


def _registered(desk: Desk) -> list[str]:
    rows = [Row(n, {"title": f"水库{n}", "lead_unit": "水务局", "phone": "1390"}, PLAN) for n in range(1, 5)]
    found = register(desk, "promises", rows, OFFICE)
    assert isinstance(found, list), found
    return [task.id for task in found]


def _january(office: Office, desk: Desk, story: Story, names: Sequence[str]) -> None:
    digest = office.store.keep_file("photo.jpg", b"a photograph")
    evidence = [{"name": "photo.jpg", "digest": digest}]
    for n, name in enumerate(names[:3]):
        form = {"month": "2022-01", "percent": "1", "phone": "1380", "evidence": evidence}
        _done(story, desk, Act(name, "report", form, LEAD, key=f"k{n}"))
        _done(story, desk, Act(name, "order", {"deadline": "2022-02-08"}, OFFICE))
    unprinted = Desk(desk.store, desk.clock, busy=desk.busy)
    _done(story, unprinted, Act(names[3], "report", {"month": "2022-01", "percent": "2"}, LEAD))
    _done(story, unprinted, Act(names[3], "order", {"deadline": "2022-03-08"}, OFFICE))
    _done(story, desk, Act(names[0], "pass", {}, OFFICE))
    second = office.documents.documents()[1]
    assert isinstance(void(desk, second.id, "wrong unit", OFFICE), Document)


def _february(desk: Desk, story: Story, names: Sequence[str]) -> None:
    assert isinstance(sweep(desk), Swept)
    late = Act(names[1], "amend", {"title": "大水库"}, OFFICE, occurred_at=at("2022-02-02 12:00"), reason="forgotten")
    _done(story, desk, late)
    _done(story, desk, Act(names[0], "report", {"month": "2022-02", "percent": "100"}, LEAD, key="k9"))
    desk.clock.move(at("2022-03-20 09:00"))  # type: ignore[attr-defined]  # a virtual one
    assert isinstance(sweep(desk), Swept)
    _done(story, desk, Act(names[0], "close", {}, OFFICE))


def _done(story: Story, desk: Desk, act: Act) -> None:
    for each in story.acts(act):
        told = fire(desk, each)
        assert isinstance(told, Outcome), told


# -- looking


def looked(
    url: str, *, whole: bool = True, kept: Path | None = None, processes: int = 1, others: Sequence[Heads] = ()
) -> Verified:
    """Verify a database."""
    return verify(partial(open_evidence, url), Asked("test", whole, processes, kept), others=others)


def codes(findings: Sequence[Finding]) -> set[str]:
    """Which kinds were found."""
    return {each.code for each in findings}


# -- damage


class Damage:
    """A raw connection past the program, as a database administrator has one."""

    def __init__(self, path: Path) -> None:
        self.connection = dbapi2.connect(str(path), isolation_level=None)
        self.connection.execute("PRAGMA foreign_keys = OFF")

    def sql(self, statement: str, *values: Any) -> int:
        """Change something; how many rows."""
        return int(self.connection.execute(statement, values).rowcount)

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows."""
        return list(self.connection.execute(statement, values))

    def first(self, kind: str, having: str = "") -> tuple[str, int]:
        """The first event of a type whose payload has some text."""
        said = "SELECT stream, seq FROM events WHERE type = ? AND instr(payload, ?) > 0 ORDER BY stream, seq"
        stream, seq = self.ask(said, kind, having or "{")[0]
        return str(stream), int(seq)

    def rewrite(self, where: tuple[str, int], payload: Callable[[Any], object] | None = None, **headed: Json) -> None:
        """Change what an event says, by whoever can compute hashes: all of its stream is made to agree again."""
        ((top, text),) = self.ask("SELECT header, payload FROM events WHERE stream = ? AND seq = ?", *where)
        told = parsed(text)
        if payload is not None:
            payload(told)
        said = recorded_text(told)
        self.sql(
            "UPDATE events SET header = ?, payload = ?, salts = ? WHERE stream = ? AND seq = ?",
            canonical({**parsed(top), **headed}), said, salted(b"\1" * salt_bytes(said)), *where,
        )  # fmt: skip
        self.rechain(where[0])

    def rechain(self, stream: str) -> None:
        """Compute every hash of a stream anew, and whatever repeats it."""
        prev = GENESIS
        for seq, top, text, salts in self.ask(
            "SELECT seq, header, payload, salts FROM events WHERE stream = ? ORDER BY seq", stream
        ):
            told, link = json.loads(top), seal(prev, top, text, salts)
            self.sql(
                "UPDATE events SET prev = ?, hash = ?, type = ?, occurred_at = ?, recorded_at = ?, actor = ?,"
                " edition = ? WHERE stream = ? AND seq = ?",
                prev, link, told["type"], micros_of(told["occurred_at"]), micros_of(told["recorded_at"]),
                told["actor"], told["edition"], stream, seq,
            )  # fmt: skip
            prev = link
        self.sql("UPDATE tasks SET last_hash = ? WHERE id = ?", prev, stream)

    def close(self) -> None:
        """Let go."""
        self.connection.close()
