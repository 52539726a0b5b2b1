"""Accounts, sessions and tokens: who gets in, who is kept out and for how long, and what is never kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from engine.commands import Refusal
from storage import StoreBusy
from storage.offices import Office, open_office
from storage.people import SqlPeople
from workflows.clock import VirtualClock
from workflows.people import accounts, holdings, sessions, tokens
from workflows.people.values import By, Holding, User

START = datetime(2022, 1, 10, 1, tzinfo=UTC)
BY = By("root", "cli", "operator")
GOOD = "four quiet grey herons"
HOME = "10.0.0.1"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def office(tmp_path: Path, clock: VirtualClock) -> Iterator[Office]:
    opened = open_office(f"sqlite:///{tmp_path / 'duban.db'}", create=True, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def people(office: Office) -> SqlPeople:
    added = accounts.add_user(office.people, accounts.new_user("wang", START, shown="王伟"), BY, GOOD)
    assert isinstance(added, User)
    return office.people


def user_of(people: SqlPeople, name: str = "wang") -> User:
    found = people.user(name)
    assert found is not None
    return found


def code(outcome: object) -> str:
    assert isinstance(outcome, Refusal), outcome
    return outcome.code


def sign_in(people: SqlPeople, password: str, name: str = "wang", address: str = HOME) -> User | Refusal:
    return accounts.check_password(people, name, password, address)


# -- accounts


def test_a_password_is_kept_as_argon2id_and_said_nowhere(people: SqlPeople) -> None:
    """Neither the row nor the record nor what is printed of a user has it."""
    user = user_of(people)
    assert user.password is not None
    assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    told = str([(each.told, each.type) for each in people.history()]) + repr(user)
    assert GOOD not in told
    assert user.password not in told


def test_who_did_it_and_how_is_recorded(people: SqlPeople) -> None:
    """Actor, channel and the system's login stand in the event."""
    entries = people.history()
    assert [each.type for each in entries] == ["UserAdded", "PasswordSet"]
    assert {(each.actor, each.told["channel"], each.told["login"]) for each in entries} == {("root", "cli", "operator")}


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("nine char", "password_short"),
        ("x" * 257, "password_long"),
        ("Password123", "password_common"),
        ("aaaaaabbbbbb", "password_common"),
        ("zhang-zhang-zhang", "password_name"),
        ("Zhang2022!", "password_name"),
    ],
)
def test_a_weak_password_is_refused(people: SqlPeople, password: str, why: str) -> None:
    """Too short, too long, too common, or the name itself; nothing is added."""
    assert code(accounts.add_user(people, accounts.new_user("zhang", START), BY, password)) == why
    assert people.user("zhang") is None


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a@b", "a,b", "system", "x" * 65, "a\u200bb"])
def test_a_name_that_cannot_be_told_apart_is_refused(people: SqlPeople, name: str) -> None:
    """`--as` reads names; `system` is nobody."""
    assert code(accounts.add_user(people, replace(accounts.new_user("x", START), id=name), BY)) == "user_name"


def test_a_name_and_a_subject_belong_to_one(people: SqlPeople) -> None:
    """Neither is given twice, not even by a change."""
    assert code(accounts.add_user(people, accounts.new_user("wang", START), BY)) == "user_exists"
    li = replace(accounts.new_user("li", START), subject="sub")
    assert isinstance(accounts.add_user(people, li, BY), User)
    assert code(accounts.add_user(people, replace(li, id="sun"), BY)) == "subject_taken"
    assert code(accounts.change_user(people, replace(user_of(people), subject="sub"), BY)) == "subject_taken"


@pytest.mark.parametrize(
    ("told", "refused"),
    [
        ({"mail": "li"}, "mail_address"),
        ({"mail": "li@example.org\nBcc: all@example.org"}, "mail_address"),
        ({"mail": "李 <li@example.org>"}, "mail_address"),
        ({"mail": f"{'x' * 250}@a.cn"}, "mail_address"),
        ({"channels": ("https://hooks.example.org/a", "ftp://a")}, "channel_address"),
        ({"channels": ("wecombot://",)}, "channel_address"),
    ],
)
def test_an_address_that_reaches_nobody_is_refused(people: SqlPeople, told: dict[str, Any], refused: str) -> None:
    """When it is entered and when it is changed; what could be one is taken."""
    assert code(accounts.change_user(people, replace(user_of(people), **told), BY)) == refused
    assert code(accounts.add_user(people, replace(accounts.new_user("new", START), **told), BY)) == refused
    good = replace(user_of(people), mail="li@oa", channels=("wecombot://KEY", "https://hooks.example.org/a"))
    assert accounts.change_user(people, good, BY) == good


def test_a_change_keeps_password_and_account(people: SqlPeople) -> None:
    """Only what a change may change is changed; without a difference nothing is recorded."""
    before = user_of(people)
    changed = accounts.change_user(people, replace(before, mail="w@x.org", password=None, active=False), BY)
    assert changed == replace(before, mail="w@x.org")
    accounts.change_user(people, replace(before, mail="w@x.org"), BY)
    assert [each.type for each in people.history()].count("UserChanged") == 1


def test_closing_an_account_ends_everything_it_had(people: SqlPeople) -> None:
    """Roles, sessions and tokens end; the name stays taken and nobody signs in under it."""
    user = user_of(people)
    holdings.grant(people, Holding("wang", "auditor", "", None, START), BY, {})
    session, secret = sessions.begin(people, user, ""), tokens.issue(people, user, "x", ["read"], 5)
    assert isinstance(accounts.close_user(people, "wang", BY), User)
    assert not any(each.holds(START) for each in people.holdings(user="wang"))
    assert isinstance(secret, str)
    assert (sessions.find(people, session), tokens.find(people, secret)) == (None, None)
    assert code(sign_in(people, GOOD)) == "sign_in_failed"
    assert code(accounts.add_user(people, accounts.new_user("wang", START), BY)) == "user_exists"
    assert code(accounts.close_user(people, "wang", BY)) == "user_closed"
    assert [each.type for each in people.history()][-3:] == ["RoleEnded", "TokenRevoked", "UserClosed"]


def test_the_last_administrator_is_not_closed(people: SqlPeople) -> None:
    """Somebody must be left who can name others."""
    holdings.grant(people, Holding("wang", "admin", "", None, START), BY, {})
    assert code(accounts.close_user(people, "wang", BY)) == "last_admin"
    accounts.add_user(people, accounts.new_user("li", START), BY)
    holdings.grant(people, Holding("li", "admin", "", None, START), BY, {})
    assert isinstance(accounts.close_user(people, "wang", BY), User)


def test_a_new_password_signs_everybody_out_and_opens_the_lock(people: SqlPeople) -> None:
    """Sessions end, the old password is worth nothing, and failures are forgotten."""
    token = sessions.begin(people, user_of(people), "")
    for _ in range(5):
        sign_in(people, "wrong")
    assert code(sign_in(people, GOOD)) == "sign_in_shut"
    assert isinstance(accounts.set_password(people, "wang", "seven loud red cranes", BY), User)
    assert sessions.find(people, token) is None
    assert code(sign_in(people, GOOD)) == "sign_in_failed"
    assert isinstance(sign_in(people, "seven loud red cranes"), User)
    assert code(accounts.set_password(people, "nobody", GOOD, BY)) == "unknown_user"
    assert code(accounts.set_password(people, "wang", "short", BY)) == "password_short"


# -- signing in


def test_the_wait_doubles_with_each_failure(people: SqlPeople, clock: VirtualClock) -> None:
    """Five failures are free; then half a minute, one, two, four, eight, and fifteen minutes at most."""
    waits = []
    for _ in range(4):
        assert code(sign_in(people, "wrong")) == "sign_in_failed"
    for _ in range(7):
        assert code(sign_in(people, "wrong")) == "sign_in_failed"
        _, until = people.failures("user:wang") or (0, START)
        waits.append((until - clock.now).total_seconds())
        clock.move(until - timedelta(microseconds=1))
        assert code(sign_in(people, GOOD)) == "sign_in_shut"
        clock.move(until)
    assert waits == [30, 60, 120, 240, 480, 900, 900]
    assert isinstance(sign_in(people, GOOD), User)
    assert people.failures("user:wang") is None


def test_being_shut_out_counts_nothing_and_says_how_long(people: SqlPeople) -> None:
    """Who tries in vain does not make it longer."""
    for _ in range(5):
        sign_in(people, "wrong")
    before = people.failures("user:wang")
    assert sign_in(people, GOOD) == Refusal("sign_in_shut", {"minutes": 1})
    assert people.failures("user:wang") == before


def test_failures_are_forgotten_after_a_day(people: SqlPeople, clock: VirtualClock) -> None:
    """Counting begins anew when the day is over, and not before."""
    for _ in range(4):
        sign_in(people, "wrong")
    clock.move(START + timedelta(hours=24))
    sign_in(people, "wrong")
    assert people.failures("user:wang") == (1, clock.now)


def test_an_address_that_tries_many_names_is_shut_for_all(people: SqlPeople) -> None:
    """Fifty failures from one address shut it, whichever names; another address is not touched."""
    people.put_failures(f"address:{HOME}", 49, START)
    assert code(sign_in(people, "wrong", "guess")) == "sign_in_failed"
    assert code(sign_in(people, GOOD)) == "sign_in_shut"
    assert isinstance(sign_in(people, GOOD, address="10.0.0.2"), User)


def test_knowing_one_password_does_not_clear_an_address(people: SqlPeople) -> None:
    """Signing in as oneself between guesses takes back one try, not all of them."""
    people.put_failures(f"address:{HOME}", 30, START)
    assert isinstance(sign_in(people, GOOD), User)
    assert people.failures(f"address:{HOME}") == (30, START)


def test_an_unknown_name_is_answered_and_counted_as_a_known_one(
    people: SqlPeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One verification for each try, of a hash with the same parameters, the same answer, and the same lock."""
    accounts.add_user(people, accounts.new_user("bare", START), BY)
    accounts.add_user(people, accounts.new_user("gone", START), BY, GOOD)
    accounts.close_user(people, "gone", BY)
    sign_in(people, "warm up")
    seen: list[str] = []
    real = accounts.verified

    def spy(password: str, kept: str) -> tuple[bool, str | None]:
        seen.append("$".join(kept.split("$")[:4]))
        return real(password, kept)

    monkeypatch.setattr(accounts, "verified", spy)
    answers: dict[str, list[Any]] = {}
    for name in ("wang", "nobody", "bare", "gone"):
        people.forget_failures(f"user:{name}")
        answers[name] = [sign_in(people, GOOD + "!", name) for _ in range(6)]
    assert len(seen) == 4 * 5
    assert set(seen) == {"$argon2id$v=19$m=19456,t=2,p=1"}
    assert answers["nobody"] == answers["wang"] == answers["bare"] == answers["gone"]


def test_a_try_is_counted_before_the_password_is_looked_at(people: SqlPeople, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses sent all at once meet the lock as those sent one by one."""
    during: list[Any] = []

    def spy(_password: str, _kept: str) -> tuple[bool, None]:
        during.append(people.failures("user:wang"))
        return False, None

    monkeypatch.setattr(accounts, "verified", spy)
    sign_in(people, "wrong")
    assert during == [(1, START)]


def test_a_hash_of_older_parameters_is_renewed_on_signing_in(people: SqlPeople) -> None:
    """The better hash is kept, nothing is recorded for it, and it still is the same password."""
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8 * 1024, parallelism=1),)).hash(GOOD)
    people.put_user(replace(user_of(people), password=old), None)
    before = len(people.history())
    assert isinstance(sign_in(people, GOOD), User)
    renewed = user_of(people).password
    assert renewed is not None
    assert renewed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(people.history()) == before
    assert isinstance(sign_in(people, GOOD), User)


# -- sessions


def test_a_session_is_found_by_its_token_and_kept_by_its_digest(people: SqlPeople) -> None:
    """The token is 256 random bits and stands nowhere; a wrong one finds nobody."""
    token = sessions.begin(people, user_of(people), "browser")
    found = sessions.find(people, token)
    assert found is not None
    assert (found[0].id, found[1].agent, len(token)) == ("wang", "browser", 43)
    assert [each.digest for each in people.sessions("wang")] == [sessions.digest(token)]
    assert token not in repr(people.sessions("wang"))
    assert sessions.find(people, token + "x") is None


def test_who_looks_waits_for_no_writer_unless_the_session_would_run_out(people: SqlPeople, clock: VirtualClock) -> None:
    """It is noted the next time; from the hour on it is waited for."""
    token = sessions.begin(people, user_of(people), "")
    secret = tokens.issue(people, user_of(people), "board", ["read"], 30)
    assert isinstance(secret, str)
    clock.move(START + timedelta(minutes=59))
    with people.together():
        assert (sessions.find(people, token), tokens.find(people, secret)) != (None, None)
    assert people.sessions("wang")[0].seen_at == START
    assert sessions.find(people, token) is not None
    assert people.sessions("wang")[0].seen_at == clock()
    people.engine.get_execution_options()["line"].patience = 0.01
    clock.move(START + timedelta(minutes=59 + 60))
    with people.together(), pytest.raises(StoreBusy):
        sessions.find(people, token)


def test_a_session_ends_after_two_idle_hours_and_after_twelve_in_all(people: SqlPeople, clock: VirtualClock) -> None:
    """At the very instant it is over; being used keeps it up until the twelve hours are full."""
    idle = sessions.begin(people, user_of(people), "")
    busy = sessions.begin(people, user_of(people), "")
    for minutes in range(60, 720, 60):
        clock.move(START + timedelta(minutes=minutes))
        assert sessions.find(people, busy) is not None
        if minutes == 120:
            assert sessions.find(people, idle) is None
    clock.move(START + timedelta(hours=12) - timedelta(microseconds=1))
    assert sessions.find(people, busy) is not None
    clock.move(START + timedelta(hours=12))
    assert sessions.find(people, busy) is None


def test_that_a_session_is_used_is_noted_once_a_minute(people: SqlPeople, clock: VirtualClock) -> None:
    """A page of many requests does not write at each of them."""
    token = sessions.begin(people, user_of(people), "")
    clock.move(START + timedelta(seconds=59))
    sessions.find(people, token)
    assert people.sessions("wang")[0].seen_at == START
    clock.move(START + timedelta(seconds=60))
    sessions.find(people, token)
    assert people.sessions("wang")[0].seen_at == clock.now


def test_a_rotated_token_replaces_the_old_one_and_lasts_no_longer(people: SqlPeople, clock: VirtualClock) -> None:
    """The twelve hours count from signing in."""
    token = sessions.begin(people, user_of(people), "")
    clock.move(START + timedelta(hours=1))
    new = sessions.rotate(people, token)
    assert new is not None
    assert sessions.find(people, token) is None
    assert sessions.rotate(people, token) is None
    found = sessions.find(people, new)
    assert found is not None
    assert found[1].ends_at == START + timedelta(hours=12)


def test_a_session_is_worn_when_a_right_begins_or_ends(people: SqlPeople, clock: VirtualClock) -> None:
    """Also where the day has come that was named before; a rotated one is fresh again."""
    ends = START + timedelta(hours=1)
    holdings.grant(people, Holding("wang", "auditor", "", None, START, ends), BY, {})
    token = sessions.begin(people, user_of(people), "")
    for now, worn in ((START, False), (ends - timedelta(seconds=1), False), (ends, True)):
        clock.move(now)
        found = sessions.find(people, token)
        assert found is not None
        assert sessions.worn(people, found[1]) is worn
    new = sessions.rotate(people, token)
    assert new is not None
    found = sessions.find(people, new)
    assert found is not None
    assert not sessions.worn(people, found[1])


def test_signing_out_ends_one_session(people: SqlPeople) -> None:
    """One token, and none of the others."""
    first, second = (sessions.begin(people, user_of(people), "") for _ in range(2))
    sessions.end(people, first)
    assert sessions.find(people, first) is None
    assert sessions.find(people, second) is not None


# -- tokens


def test_a_token_is_shown_once_and_recorded_without_its_secret(people: SqlPeople) -> None:
    """`duban_` and 256 random bits; the row and the record have the digest alone."""
    secret = tokens.issue(people, user_of(people), "board", ["act", "read"], 30, BY)
    assert isinstance(secret, str)
    assert secret.startswith("duban_")
    assert len(secret) == len("duban_") + 43
    found = tokens.find(people, secret)
    assert found is not None
    assert (found[0].id, found[1].scopes, found[1].name) == ("wang", ("read", "act"), "board")
    assert secret not in repr(people.history()) + repr(people.tokens("wang"))
    assert people.history()[-1].type == "TokenIssued"


def test_a_token_ends_at_its_hour_or_when_it_is_revoked(people: SqlPeople, clock: VirtualClock) -> None:
    """At the very instant it is over; revoking twice is recorded once."""
    user = user_of(people)
    short, other = (tokens.issue(people, user, "x", ["read"], days) for days in (1, 2))
    assert isinstance(short, str)
    assert isinstance(other, str)
    clock.move(START + timedelta(days=1) - timedelta(microseconds=1))
    assert tokens.find(people, short) is not None
    clock.move(START + timedelta(days=1))
    assert tokens.find(people, short) is None
    assert tokens.find(people, other) is not None
    for _ in range(2):
        tokens.revoke(people, user, people.tokens("wang")[1].id, BY)
    assert tokens.find(people, other) is None
    assert [each.type for each in people.history()].count("TokenRevoked") == 1
    assert code(tokens.revoke(people, user, 99, BY)) == "unknown_token"


def test_the_use_of_a_token_is_noted_once_a_minute(people: SqlPeople, clock: VirtualClock) -> None:
    """The first use, and then not before a minute is over."""
    secret = tokens.issue(people, user_of(people), "x", ["read"], 1)
    assert isinstance(secret, str)
    seen = []
    for seconds in (0, 59, 60):
        clock.move(START + timedelta(seconds=seconds))
        tokens.find(people, secret)
        seen.append(people.tokens("wang")[0].used_at)
    assert seen == [START, START, START + timedelta(seconds=60)]


@pytest.mark.parametrize(
    ("scopes", "days", "why"),
    [([], 5, "token_scope"), (["write"], 5, "token_scope"), (["read"], 0, "token_days"), (["read"], 367, "token_days")],
)
def test_a_token_needs_scopes_that_exist_and_an_end(people: SqlPeople, scopes: list[str], days: int, why: str) -> None:
    """Nothing is issued without."""
    assert code(tokens.issue(people, user_of(people), "x", scopes, days)) == why
    assert people.tokens("wang") == []
