"""An edition is submitted by one administrator, approved by another, immutable, and in force from its day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from engine.commands import Actor, Refusal
from storage import StoreBusy, open_store
from storage.offices import Office, open_office
from tests.workflows.conftest import OFFICE, TEXT, at
from workflows.authoring.calendars import Changed, override
from workflows.authoring.proposals import Proposal, all_of, send_back
from workflows.authoring.publishing import Published, Submitted, approve, publish, submit
from workflows.authoring.standings import Line, life, life_of_calendar, standings
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.registering import register
from workflows.people import accounts
from workflows.people.noting import note
from workflows.people.values import By, Holding
from workflows.people.values import Changed as Kind
from workflows.rows import Row
from workflows.sources import calendar_named

WANG, LI = Actor("wang", ("admin",)), Actor("li", ("admin",))
SECOND = TEXT.replace('edition: "1"', 'edition: "2"')
BY = By("root")
NUMBERS = count(1)


def _submitted(desk: Desk, text: str = SECOND, since: str | None = None) -> Proposal:
    day = date.fromisoformat(since) if since else None
    made = submit(desk, text, calendar_named, WANG, since=day)
    assert isinstance(made, Submitted), made
    return made.proposal


def _code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def _move(desk: Desk, to: str) -> None:
    assert isinstance(desk.clock, VirtualClock)
    desk.clock.move(at(to))


def _registered(desk: Desk, process: str = "promises") -> object:
    title = f"桥梁 {next(NUMBERS)}"
    found = register(desk, process, [Row(2, {"title": title, "lead_unit": "水务局"})], OFFICE)
    return found[0].edition if isinstance(found, list) else found


def test_who_submits_does_not_approve_and_what_is_approved_is_in_force(desk: Desk) -> None:
    assert _submitted(desk).submitted_by == "wang"
    assert _registered(desk) == "promises@1"
    assert _code(approve(desk, "promises@2", WANG, calendar_named)) == "own_proposal"
    assert _code(approve(desk, "promises@2", OFFICE, calendar_named)) == "not_admin"
    made = approve(desk, "promises@2", LI, calendar_named)
    assert isinstance(made, Published)
    assert _registered(desk) == "promises@2"
    assert _registered(desk, "promises@1") == "promises@1"
    assert _code(approve(desk, "promises@2", LI, calendar_named)) == "not_waiting"
    assert [each.stand for each in standings(desk)] == ["earlier", "in_force"]


def test_an_edition_with_a_later_day_waits_for_it(desk: Desk) -> None:
    _submitted(desk, since="2022-02-01")
    made = approve(desk, "promises@2", LI, calendar_named)
    assert isinstance(made, Published)
    assert made.record.since == at("2022-02-01 00:00")
    assert [each.stand for each in standings(desk)] == ["in_force", "to_come"]
    assert _registered(desk) == "promises@1"
    assert _code(_registered(desk, "promises@2")) == "not_in_force"
    _move(desk, "2022-01-31 23:59")
    assert _registered(desk) == "promises@1"
    _move(desk, "2022-02-01 00:00")
    assert _registered(desk) == "promises@2"
    assert [each.stand for each in standings(desk)] == ["earlier", "in_force"]


def test_a_day_that_went_by_before_the_approval_is_that_of_the_approval(desk: Desk) -> None:
    """An edition never was in force before somebody approved it."""
    _submitted(desk, since="2022-02-01")
    _move(desk, "2022-02-03 10:00")
    made = approve(desk, "promises@2", LI, calendar_named)
    assert isinstance(made, Published)
    assert made.record.since == at("2022-02-03 10:00")


def test_what_is_returned_says_why_and_may_come_again(desk: Desk) -> None:
    first = _submitted(desk)
    assert _code(submit(desk, SECOND, calendar_named, LI)) == "edition_waits"
    assert _code(send_back(desk, "promises@2", LI, " ")) == "return_reason"
    assert isinstance(send_back(desk, "promises@2", LI, "期限太短"), Proposal)
    assert _code(approve(desk, "promises@2", LI, calendar_named)) == "not_waiting"
    assert [(each.stand, each.reason) for each in standings(desk)][-1] == ("returned", "期限太短")
    again = _submitted(desk, SECOND + "# 改过\n")
    assert _code(approve(desk, "promises@2", LI, calendar_named, first.digest)) == "other_text"
    assert isinstance(approve(desk, "promises@2", LI, calendar_named, again.digest), Published)
    types = [each.entry.type for each in _life(desk, "promises@2")]
    assert types == [
        "EditionSubmitted", "EditionReturned", "EditionSubmitted", "EditionApproved", "EditionPublished",
    ]  # fmt: skip


def _life(desk: Desk, subject: str) -> list[Line]:
    found = life(desk, subject, "zh")
    assert isinstance(found, list)
    assert all(each.text for each in found)
    return found


def test_a_published_name_means_its_text_for_ever(desk: Desk) -> None:
    assert _code(submit(desk, TEXT + "# other\n", calendar_named, WANG)) == "edition_exists"
    assert _code(publish(desk, TEXT + "# other\n", calendar_named)) == "edition_exists"
    assert isinstance(publish(desk, TEXT, calendar_named), Published)
    assert isinstance(submit(desk, "process: x\n", calendar_named, WANG), list)


def test_nobody_publishes_around_a_draft_that_waits(desk: Desk) -> None:
    _submitted(desk)
    assert _code(publish(desk, SECOND, calendar_named, actor=LI)) == "edition_waits"


# -- one person


@pytest.fixture
def live(tmp_path: Path) -> Iterator[tuple[Desk, Office]]:
    """A database of real work, on the wall clock."""
    office = open_office(f"sqlite:///{tmp_path / 'live.db'}", create=True)
    yield Desk(office.store, people=office.people, busy=(StoreBusy,)), office
    office.close()


def _admin(office: Office, user: str) -> None:
    now = office.people.now()
    accounts.add_user(office.people, accounts.new_user(user, now), BY)
    office.people.put_holding(Holding(user, "admin", "", None, now), note(BY, Kind.ROLE_GRANTED))


def test_one_person_publishes_only_where_there_is_no_other_and_says_why(live: tuple[Desk, Office]) -> None:
    desk, office = live
    _admin(office, "wang")
    assert _code(publish(desk, TEXT, calendar_named, actor=WANG)) == "alone_reason"
    assert isinstance(publish(desk, TEXT, calendar_named, actor=WANG, reason="县里只有一人"), Published)
    (one,) = standings(desk)
    assert (one.by, one.approved_by) == ("wang", None)
    assert one.alone == {"why": "only administrator", "reason": "县里只有一人"}
    _admin(office, "li")
    assert _code(publish(desk, SECOND, calendar_named, actor=WANG, reason="急")) == "not_alone"


def test_a_rehearsal_is_one_person_s_and_says_so(desk: Desk) -> None:
    assert isinstance(publish(desk, SECOND, calendar_named, actor=WANG), Published)
    assert standings(desk)[-1].alone == {"why": "rehearsal", "reason": None}


def test_of_two_who_approve_at_once_one_publishes(desk: Desk) -> None:
    """The second finds it done, in the transaction that holds the stream."""
    _submitted(desk)
    other = replace(desk, store=_Slow(desk, lambda: approve(desk, "promises@2", LI, calendar_named)))  # type: ignore[arg-type]
    assert _code(approve(other, "promises@2", Actor("sun", ("admin",)), calendar_named)) == "not_waiting"
    assert len([each for each in desk.store.editions() if each.edition == "2"]) == 1


class _Slow:
    """A store before whose next transaction on a stream something else happens."""

    def __init__(self, desk: Desk, first: object) -> None:
        self._store, self._first = desk.store, first

    def __getattr__(self, name: str) -> object:
        if name == "chained" and self._first is not None:
            first, self._first = self._first, None
            assert isinstance(first(), Published)  # type: ignore[operator]
        return getattr(self._store, name)


# -- calendars


def test_each_change_of_a_calendar_is_chained_with_who_and_why(desk: Desk) -> None:
    made = override(desk, "cn", date(2022, 2, 28), LI, calendar_named, working=False, reason="市政府令")
    assert isinstance(made, Changed)
    (line,) = life_of_calendar(desk, "cn", "zh")
    assert (line.entry.type, line.entry.actor, line.text) == ("DaySet", "li", "调整 2022-02-28（市政府令）")
    assert life_of_calendar(desk, "us", "zh") == []


def test_the_streams_are_sealed_as_tasks_are(desk: Desk, tmp_path: Path) -> None:
    """Header, payload and salts of each event give its hash, and each names the one before."""
    from sqlalchemy import text

    from engine.chain import GENESIS, seal

    _submitted(desk)
    override(desk, "cn", date(2022, 2, 28), LI, calendar_named, working=False, reason="市政府令")
    store = open_store(f"sqlite:///{tmp_path / 'duban.db'}")
    with store.engine.begin() as connection:  # type: ignore[attr-defined]
        rows = connection.execute(
            text(
                "SELECT stream, header, payload, salts, prev, hash FROM events WHERE edition = '' ORDER BY stream, seq"
            )
        ).all()
    store.close()
    assert {row.stream for row in rows} == {"editions", "calendars"}
    last: dict[str, str] = {}
    for row in rows:
        assert row.prev == last.get(row.stream, GENESIS)
        last[row.stream] = seal(row.prev, row.header, row.payload, row.salts)
        assert row.hash == last[row.stream]
    assert list(all_of(desk.store)) == ["promises@1", "promises@2"]
