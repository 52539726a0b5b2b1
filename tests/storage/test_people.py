"""The contract of `workflows.people.ports.People` on SQLite and PostgreSQL, and the evidence that it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from engine.chain import header, recorded_event
from engine.events import Event, EventType, iso
from storage import streams
from storage.errors import StoreAddress
from storage.offices import Office, open_office
from tests.limits import at_once
from tests.storage.stories import DAY, START, Clock, registered
from workflows.people.ports import Note, SessionRow, TokenRow
from workflows.people.values import Holding, Unit, User

NOTE = Note("UnitFounded", "root", {"unit": "a"})
WANG = User("wang", "王", "zh", START, "wang@example.org", ("https://example.org/hook",), True, "$argon2id$x", "sub-1")


@pytest.fixture
def office(database: str, clock: Clock) -> Iterator[Office]:
    opened = open_office(database, create=True, clock=clock, unsafe=True)
    yield opened
    opened.close()


def test_what_is_put_is_read_back(office: Office) -> None:
    """Each kind of row survives storage unchanged, and a second put changes the one that is there."""
    people = office.people
    unit = Unit("a", "甲局", "bureau", None, START, None, "Bureau A")
    people.put_unit(unit, NOTE)
    merged = replace(unit, valid_to=START + DAY, successor="b")
    people.put_unit(merged, NOTE)
    people.put_user(WANG, NOTE)
    people.put_user(replace(WANG, id="li", name="李", subject=None, channels=(), active=False), NOTE)
    assert people.units() == [merged]
    assert (people.user("wang"), people.user_of("sub-1"), people.user("nobody"), people.user_of("x")) == (
        WANG,
        WANG,
        None,
        None,
    )
    assert [each.id for each in people.users()] == ["li", "wang"]
    assert not people.users()[0].active


def test_a_holding_is_added_under_a_number_and_changed_by_it(office: Office) -> None:
    """The number tells two holdings of the same post apart."""
    people = office.people
    for name in ("wang", "li"):
        people.put_user(replace(WANG, id=name, subject=None), NOTE)
    people.put_holding(Holding("wang", "lead", "p", "a", START), NOTE)
    people.put_holding(Holding("li", "office", "", None, START, START + DAY, "wang"), NOTE)
    first, second = people.holdings()
    assert (first.user, second.deputy_for, second.valid_to) == ("wang", "wang", START + DAY)
    people.put_holding(replace(first, valid_to=START + 2 * DAY), NOTE)
    assert people.holdings(user="wang") == [replace(first, valid_to=START + 2 * DAY)]
    assert people.holdings(role="office") == [second]
    assert people.holdings(user="wang", role="office") == []


def test_what_is_noted_in_passing_waits_for_nobody(office: Office, database: str) -> None:
    """Where somebody writes, in this process or in another, there is no turn for it; afterwards there is."""
    people, row = office.people, SessionRow("d1", "wang", START, START, START + DAY, "browser")
    people.put_user(WANG, NOTE)
    people.put_session(row)
    other = open_office(database, clock=Clock(), unsafe=True)
    for writer in (people, other.people):
        with writer.together() as held, people.spare() as none:
            assert none is None
            held.put_session(replace(row, agent="theirs"))
    other.close()
    with people.spare() as within:
        assert within is not None
        within.put_session(replace(row, seen_at=START + DAY))
    assert people.session("d1") == replace(row, seen_at=START + DAY)
    with people.spare() as within:
        assert within is not None


def test_sessions_tokens_and_failures_are_kept_and_dropped(office: Office) -> None:
    """By digest and by user; failures until they are forgotten."""
    people = office.people
    people.put_user(WANG, NOTE)
    rows = [SessionRow(each, "wang", START, START, START + DAY, "browser") for each in ("d1", "d2", "d3")]
    for row in rows:
        people.put_session(row)
    people.put_session(replace(rows[0], seen_at=START + DAY))
    assert people.session("d1") == replace(rows[0], seen_at=START + DAY)
    people.end_sessions(digest="d1")
    assert [each.digest for each in people.sessions("wang")] == ["d2", "d3"]
    people.end_sessions(user="wang")
    assert people.sessions("wang") == []
    with pytest.raises(ValueError, match="whose"):
        people.end_sessions()
    token = TokenRow(0, "t1", "wang", "board", ("read", "act"), START, START + DAY)
    people.put_token(token, NOTE)
    kept = people.token("t1")
    assert kept == replace(token, id=kept.id if kept else 0)
    assert kept is not None
    people.put_token(replace(kept, used_at=START, revoked_at=START + DAY), None)
    assert people.tokens("wang") == [replace(kept, used_at=START, revoked_at=START + DAY)]
    people.put_failures("user:wang", 3, START + DAY)
    people.put_failures("user:wang", 4, START + 2 * DAY)
    assert people.failures("user:wang") == (4, START + 2 * DAY)
    people.forget_failures("user:wang")
    assert people.failures("user:wang") is None


def test_failures_of_long_ago_are_swept_out(office: Office, clock: Clock) -> None:
    """Names that somebody only guessed do not fill the table for ever."""
    office.people.put_failures("user:guess", 1, clock.now)
    clock.now += timedelta(days=8)
    office.people.put_failures("user:other", 1, clock.now)
    assert office.people.failures("user:guess") is None


def test_together_is_all_or_nothing(office: Office) -> None:
    """An exception leaves neither a row nor an event behind; inside, one sees what one wrote."""

    def attempt() -> None:
        with office.people.together() as within:
            within.put_user(WANG, NOTE)
            with within.together() as inner:
                assert inner.user("wang") == WANG
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attempt()
    assert office.people.users() == []
    assert office.people.history() == []


def test_two_who_read_then_write_do_not_overtake_each_other(office: Office) -> None:
    """Counting in a transaction loses nothing, however many count at once."""

    def count() -> None:
        with office.people.together() as within:
            failed, _until = within.failures("user:x") or (0, START)
            within.put_failures("user:x", failed + 1, START)

    at_once(*[count] * 20)
    assert office.people.failures("user:x") == (20, START)


def test_each_change_is_chained_with_who_made_it(office: Office, clock: Clock) -> None:
    """An outsider recomputes every hash from the rows; the clock going back moves no event back."""
    people = office.people
    people.put_user(WANG, Note("UserAdded", "root", {"user": "wang", "fields": {"name": "王", "mail": "w@x.org"}}))
    clock.now -= DAY
    people.put_unit(Unit("a", "甲", "bureau", None, START), NOTE)
    people.put_user(replace(WANG, password="better"), None)
    told = [(each.seq, each.type, each.actor, each.recorded_at) for each in people.history()]
    assert told == [(1, "UserAdded", "root", START), (2, "UnitFounded", "root", START)]
    assert people.history()[0].told["fields"]["name"] == "王"
    with people.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT header, payload, salts, prev, hash FROM events WHERE stream = 'organisation' ORDER BY seq")
        ).all()
    prev = "0" * 64
    for top, payload, salts, before, link in rows:
        lines, salted = payload.encode().split(b"\n"), salts.encode().split()
        leaves = b"".join(sha256(s + line).digest() for s, line in zip(salted, lines, strict=True))
        assert before == prev
        prev = sha256((prev + top).encode() + leaves).hexdigest()
        assert link == prev
    assert '"name":"王"' in rows[0][1].split("\n")[1:], "a name stands on a line of its own, to be erased alone"


def test_the_header_is_word_for_word_that_of_a_tasks_event(office: Office) -> None:
    """One verifier reads all streams: nothing is missing from the header, and nothing is there besides."""
    with office.people.engine.begin() as connection:
        streams.append(connection, "post:t1", "TaskRegistered", "root", {"n": 1}, START)
        top = connection.execute(text("SELECT header FROM events")).scalar_one()
    event, recorded_at = recorded_event(top, '{"n":1}', "")
    assert header(event, iso(recorded_at)) == top
    assert event == Event(EventType.TASK_REGISTERED, "post:t1", 1, START, None, "root", "", "", {"n": 1})
    assert json.loads(top)["recorded_at"] == iso(START)


def test_streams_of_tasks_are_told_from_the_others(office: Office) -> None:
    """Who goes through all tasks does not stumble over people."""
    office.people.put_user(WANG, NOTE)
    registered(office.store, "t1")
    assert list(office.store.streams()) == ["t1"]


def test_the_databases_own_clock_is_used_without_another(database: str) -> None:
    """`now` is the database's, aware and in UTC."""
    office = open_office(database, create=True, unsafe=True)
    now = office.people.now()
    assert now.utcoffset() == timedelta(0)
    assert now > START
    office.close()


def test_an_office_is_no_memory(clock: Clock) -> None:
    """People are kept in a database, or not at all."""
    with pytest.raises(StoreAddress):
        open_office("memory://", clock=clock)
