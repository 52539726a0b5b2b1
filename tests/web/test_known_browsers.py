"""Whoever guesses at a name keeps its user out of no browser that they use, behind one address or not."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient

from tests.web.stage import PASSWORD, Stage
from web.entering import LASTS, MOST
from workflows.people import accounts
from workflows.people.values import By

WRONG = "not the password at all"


def tries(browser: TestClient, name: str, password: str) -> int:
    """Sign in by the page; every browser of these tests has the same address."""
    return int(browser.post("/sign-in", data={"name": name, "password": password}).status_code)


def test_guessing_shuts_strangers_out_and_no_known_browser(stage: Stage) -> None:
    """A colleague behind the same proxy guesses at li until name and address are shut; li comes in as on any day."""
    own, stranger = stage.client(), stage.client()
    assert tries(own, "li", PASSWORD) == 303
    assert own.post("/sign-out").status_code == 303
    for name in ["li"] * 5 + [f"nobody-{number}" for number in range(45)]:
        assert tries(stranger, name, WRONG) == 401
    assert tries(stranger, "li", WRONG) == 429
    assert tries(stage.client(), "li", PASSWORD) == 429, "a browser that li has never used waits"
    assert tries(stage.client(), "zhao", WRONG) == 429, "and so does the address"
    assert tries(own, "li", PASSWORD) == 303
    assert own.get("/worklist").status_code == 200
    assert tries(stranger, "li", WRONG) == 429, "that li came in gives the guesser nothing"


def test_a_known_browser_has_tries_of_its_own_and_no_more(stage: Stage) -> None:
    """Its failures shut neither the name nor the address; when they are too many, it is a stranger for a while."""
    own = stage.client()
    tries(own, "li", PASSWORD)
    for _ in range(accounts.BY_DEVICE.free):
        assert tries(own, "li", WRONG) == 401
    assert stage.office.people.failures("user:li") is None
    for _ in range(accounts.BY_NAME.free):
        assert tries(own, "li", WRONG) == 401, "as a stranger it may still try"
    assert tries(own, "li", WRONG) == 429
    assert tries(own, "li", PASSWORD) == 429
    stage.clock.move(stage.clock() + timedelta(minutes=1))
    assert tries(own, "li", PASSWORD) == 303


def test_the_api_and_a_change_of_password_count_alike(stage: Stage) -> None:
    """The other two doors at which a password is asked for know the browser too."""
    own, stranger = stage.client(), stage.client()
    assert own.post("/api/v1/session", json={"name": "li", "password": PASSWORD}).status_code == 201
    for _ in range(6):
        tries(stranger, "li", WRONG)
    assert own.post("/api/v1/session", json={"name": "li", "password": PASSWORD}).status_code == 201
    new = {"old": PASSWORD, "new": "another fine sentence", "again": "another fine sentence"}
    assert own.post("/account/password", data=new).headers.get("location") == "/sign-in?changed=1"


def test_a_mark_is_for_one_name_and_not_for_ever(stage: Stage) -> None:
    """Neither another name, nor a mark that was written by hand, nor one that is old gives tries."""
    own, forged = stage.client(), stage.client()
    tries(own, "li", PASSWORD)
    mark = own.cookies["duban-devices"]
    assert "li" not in mark.replace(mark.rpartition(".")[2], "").split("."), "it names nobody"
    for _ in range(5):
        tries(stage.client(), "zhao", WRONG)
        tries(stage.client(), "li", WRONG)
    assert tries(own, "zhao", WRONG) == 429
    nonce, until, sign = mark.split(".")
    for told in (f"{nonce}.{int(until) + 1}.{sign}", f"{'a' * 22}.{until}.{sign}", "~".join(["x"] * 9), "x"):
        forged.cookies.set("duban-devices", told)
        assert tries(forged, "li", PASSWORD) == 429, told
    stage.clock.move(stage.clock() + LASTS)
    for _ in range(5):
        tries(stage.client(), "li", WRONG)
    assert tries(own, "li", PASSWORD) == 429


def test_a_browser_is_known_for_those_who_used_it_last(stage: Stage) -> None:
    """Two who share a desk are both known there; the marks do not grow without end."""
    own, people = stage.client(), stage.office.people
    for number in range(MOST + 1):
        user = accounts.new_user(f"guest-{number}", people.now())
        accounts.add_user(people, user, By("admin"), PASSWORD)
        assert tries(own, user.id, PASSWORD) == 303
    assert tries(own, "guest-5", PASSWORD) == 303
    assert len(own.cookies["duban-devices"].split("~")) == MOST
    for name in ("guest-0", "guest-4"):
        for _ in range(5):
            tries(stage.client(), name, WRONG)
    assert tries(own, "guest-4", PASSWORD) == 303
    assert tries(own, "guest-0", PASSWORD) == 429


def test_signing_in_by_the_api_ends_the_session_that_came_with_it(stage: Stage) -> None:
    """A session that somebody planted in a browser is not the one that is signed in."""
    browser, planted = stage.client(), stage.client("wang").cookies["duban-session"]
    browser.cookies.set("duban-session", planted, domain="testserver.local", path="/")
    assert browser.post("/api/v1/session", json={"name": "li", "password": PASSWORD}).status_code == 201
    assert browser.cookies["duban-session"] != planted
    other = stage.client()
    other.cookies.set("duban-session", planted)
    assert other.get("/api/v1/me").status_code == 401
