"""The pages on which administrators keep units, users and roles: what they do, what they refuse, and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from tests.web.stage import CITY, HOUSING, LAND, PASSWORD, PROCESS, Stage, at
from tests.web.test_api_acting import program
from workflows.people import rights
from workflows.people.values import Holding


@pytest.fixture
def admin(stage: Stage) -> TestClient:
    """The browser of an administrator."""
    return stage.client("admin", "en")


def send(browser: TestClient, path: str, **told: str) -> Any:
    """Send a form."""
    return browser.post(quote(path), data=told)


def done(answer: Any) -> bool:
    """Whether it was done: then one looks at the page of what was changed."""
    return bool(answer.status_code == 303 and answer.headers["location"].endswith("?said=1"))


def holding(stage: Stage, user: str, role: str) -> Holding:
    """What somebody holds or held last in a role."""
    return stage.office.people.holdings(user=user, role=role)[-1]


def test_a_new_unit_and_a_new_user_begin_to_work(stage: Stage, admin: TestClient) -> None:
    """From the two forms to somebody who signs in and sees the tasks of the unit."""
    assert done(send(admin, "/people/units", unit="水务局", title="水务局", level="bureau", over=CITY))
    assert done(send(admin, "/people/users", user="sui", name="隋", mail="sui@example.org", password=PASSWORD))
    assert done(send(admin, "/people/users/sui/grant", role=f"{PROCESS}/lead", unit=HOUSING))
    browser = stage.client()
    assert browser.post("/sign-in", data={"name": "sui", "password": PASSWORD}).status_code == 303
    assert stage.tasks["homes"] in browser.get("/board").text
    page = admin.get("/people").text
    assert page.index(CITY) < page.index("水务局")
    assert "sui" in admin.get(f"/people?q={quote(HOUSING)}").text
    assert "zhou" not in admin.get(f"/people?q={quote(HOUSING)}").text
    assert [each.actor for each in stage.office.people.history()[-4:]] == ["admin"] * 4


@pytest.mark.parametrize(
    ("path", "told", "field", "said"),
    [
        ("/people/units", {"unit": HOUSING, "level": "bureau"}, "unit", "There is a unit"),
        ("/people/units", {"unit": "a b", "level": "bureau"}, "unit", "cannot be the id"),
        ("/people/units", {"unit": "new", "level": "bureau", "over": "none"}, "over", "There is no unit none"),
        ("/people/users", {"user": "li"}, "user", "There is a user li"),
        ("/people/users", {"user": "x", "mail": "nowhere"}, "mail", "is not a mail address"),
        ("/people/users", {"user": "x", "password": "short"}, "password", "fewer than"),
        ("/people/users/wang/grant", {"role": f"{PROCESS}/lead"}, "unit", "is held for a unit"),
        ("/people/users/wang/grant", {"role": "x/y"}, "role", "x"),
        ("/people/users/wang/grant", {"role": "/admin", "unit": HOUSING}, "role", "whole system"),
        ("/people/users/wang/grant", {"role": f"{PROCESS}/lead", "unit": HOUSING}, "role", "already"),
        ("/people/users/wang/grant", {"role": f"{PROCESS}/office", "begins": "soon"}, "begins", "Write a day"),
        ("/people/users/wang/grant", {"role": f"{PROCESS}/office", "ends": "2022-01-01"}, "ends", "not a moment"),
        ("/people/users/wang/deputise", {"deputy": "wang"}, "deputy", "themselves"),
        ("/people/users/wang/deputise", {"deputy": "none"}, "deputy", "There is no user none"),
        ("/people/users/wang/deputise", {"deputy": "li", "role": "office"}, "role", "does not hold"),
        ("/people/users/wang/password", {"password": "1234567890"}, "password", "commonest"),
        ("/people/users/wang/close", {}, "sure", "Tick this"),
        (f"/people/units/{HOUSING}/merge", {"into": HOUSING, "sure": "1"}, "into", "circle"),
        (f"/people/units/{HOUSING}/merge", {"into": CITY}, "sure", "Tick this"),
        (f"/people/units/{HOUSING}/merge", {"into": CITY, "sure": "1", "at": "9999-99-99"}, "at", "Write a day"),
        (f"/people/units/{HOUSING}/move", {"over": HOUSING, "level": "x"}, "over", "circle"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    stage: Stage, admin: TestClient, path: str, told: dict[str, str], field: str, said: str
) -> None:
    """With what was typed, but for a password; and nothing has changed."""
    before = stage.office.people.history()
    answer = send(admin, path, **told)
    assert answer.status_code == 422, answer.headers
    start = answer.text.index('aria-invalid="true"')
    place = answer.text[start : answer.text.index("</p>", start)]
    assert f"-{field}-wrong" in place
    assert said in place
    for name, typed in told.items():
        assert name in ("sure", "password") or typed in answer.text or typed == "x/y"
    assert f'value="{told.get("password")}"' not in answer.text
    assert stage.office.people.history() == before


def test_a_merger_by_the_page_hands_open_work_over(stage: Stage, admin: TestClient) -> None:
    """On the day that is named, with the people where that is ticked."""
    path = f"/people/units/{HOUSING}/merge"
    assert done(send(admin, path, into=CITY, at="2022-02-01", with_people="1", sure="1"))
    assert stage.client("qian").get(f"/tasks/{stage.tasks['homes']}").status_code == 404
    assert f"merged into {CITY}" in admin.get(f"/people/units/{quote(HOUSING)}").text
    stage.clock.move(at("2022-02-01 00:00"))
    assert stage.client("qian").get(f"/tasks/{stage.tasks['homes']}").status_code == 200
    assert holding(stage, "wang", "lead").unit == CITY
    admin = stage.client("admin", "en")
    assert "Closed and merged units (1)" in admin.get("/people").text
    again = send(admin, path, into=CITY, sure="1")
    assert (again.status_code, "closed or merged as of 2022-02-01" in again.text) == (422, True)


def test_units_are_renamed_moved_and_closed(admin: TestClient) -> None:
    """The id stays; what is closed takes nobody any more."""
    assert done(send(admin, f"/people/units/{LAND}/rename", title="自然资源和规划局", title_en="Land"))
    assert done(send(admin, f"/people/units/{LAND}/move", over=CITY, level="county"))
    assert "Land" in admin.get("/people").text
    below = send(admin, f"/people/units/{CITY}/close", sure="1")
    assert (below.status_code, "still under" in below.text) == (422, True)
    assert done(send(admin, f"/people/units/{LAND}/close", sure="1"))
    assert f'value="{LAND}"' not in admin.get("/people/users/wang").text


def test_roles_last_from_a_day_to_a_day_and_are_handed_over_and_lent(stage: Stage, admin: TestClient) -> None:
    """The last day counts; a deputy's right ends with the other's."""
    assert done(send(admin, "/people/users/nobody/grant", role=f"{PROCESS}/office", ends="2022-02-28"))
    assert holding(stage, "nobody", "office").valid_to == at("2022-03-01 00:00")
    assert "2022-02-28" in admin.get("/people/users/nobody").text
    post = holding(stage, "li", "office")
    assert done(send(admin, f"/people/holdings/{post.id}/succeed", follower="sun", at="2022-02-01"))
    assert holding(stage, "sun", "office").valid_from == holding(stage, "li", "office").valid_to
    assert done(send(admin, "/people/users/zhao/deputise", deputy="sun", ends="2022-04-30"))
    assert holding(stage, "sun", "office").deputy_for == "zhao"
    assert done(send(admin, f"/people/holdings/{holding(stage, 'zhao', 'office').id}/end"))
    lent = holding(stage, "sun", "office")
    assert lent.valid_to is not None
    assert lent.valid_to <= stage.clock()
    wrong = send(admin, f"/people/holdings/{holding(stage, 'wang', 'lead').id}/succeed", follower="none")
    assert (wrong.status_code, "There is no user none" in wrong.text) == (422, True)
    assert send(admin, "/people/holdings/999/end").status_code == 404


def test_the_last_administrator_stays(stage: Stage, admin: TestClient) -> None:
    """Neither their role nor their account ends, by whichever form."""
    kept = send(admin, f"/people/holdings/{holding(stage, 'admin', 'admin').id}/end")
    assert (kept.status_code, "only administrator" in kept.text) == (422, True)
    kept = send(admin, "/people/users/admin/close", sure="1")
    assert (kept.status_code, "only administrator" in kept.text) == (422, True)


def test_a_user_is_changed_gets_a_password_and_is_closed(stage: Stage, admin: TestClient) -> None:
    """Signed out everywhere by both of the latter."""
    wang = stage.client("wang")
    assert done(send(admin, "/people/users/wang/change", name="王伟", language="en", mail="wang@example.org"))
    user = stage.office.people.user("wang")
    assert user is not None
    assert (user.name, user.language, user.mail) == ("王伟", "en", "wang@example.org")
    assert wang.get("/board").status_code == 200
    assert done(send(admin, "/people/users/wang/password", password="another fine sentence"))
    assert wang.get("/board").status_code == 303
    wang = stage.client("wang")
    assert done(send(admin, "/people/users/wang/close", sure="1"))
    assert wang.get("/board").status_code == 303
    assert "closed" in admin.get("/people/users/wang").text


def test_names_are_never_markup(admin: TestClient) -> None:
    """What somebody is called is shown as it is."""
    assert done(send(admin, "/people/users", user="x", name="<b>x</b>"))
    assert done(send(admin, "/people/units", unit="u", title="<i>u</i>", level="<u>"))
    for path in ("/people", "/people/users/x", "/people/units/u"):
        assert not {"<b>x", "<i>u", "<u>"} & {each for each in ("<b>x", "<i>u", "<u>") if each in admin.get(path).text}


def test_nobody_else_comes_near(stage: Stage) -> None:
    """Not an auditor, not the office, not another site's page with an administrator's browser."""
    for name in ("li", "wang", "wu", "nobody"):
        browser = stage.client(name)
        assert browser.get("/people").status_code == 403
        assert send(browser, "/people/users", user="x").status_code == 403
        assert "/people" not in browser.get("/account").text
    evil = {"sec-fetch-site": "cross-site"}
    assert stage.client("admin").post("/people/users", data={"user": "x"}, headers=evil).status_code == 403
    assert stage.office.people.user("x") is None


def test_the_same_by_the_api(stage: Stage) -> None:
    """A merger, a succession and a deputy, with the refusals of the pages, for the scope `admin` alone."""
    admin, reader = program(stage, "admin", "admin"), program(stage, "admin", "read", "act")
    merger = f"/api/v1/units/{HOUSING}/merge"
    assert reader.post(merger, json={"into": CITY}).status_code == 403
    assert program(stage, "li", "act").post(merger, json={"into": CITY}).status_code == 403
    assert admin.post("/api/v1/units/none/merge", json={"into": CITY}).status_code == 404
    assert admin.post(merger, json={"into": "none"}).json()["code"] == "unknown_unit"
    deputy = {"user": "sun", "deputy_for": "wang", "valid_to": "2022-03-01T00:00:00+08:00"}
    assert [each["role"] for each in admin.post("/api/v1/deputies", json=deputy).json()["items"]] == ["lead"]
    merged = admin.post(merger, json={"into": CITY, "with_people": True})
    assert (merged.status_code, merged.json()["successor"]) == (200, CITY)
    assert admin.post(merger, json={"into": CITY}).status_code == 409
    follows = {"leaver": "li", "follower": "nobody", "role": "office", "process": PROCESS}
    taken = admin.post("/api/v1/successions", json=follows)
    assert (taken.status_code, taken.json()["user"]) == (201, "nobody")
    assert admin.post("/api/v1/successions", json=follows).json()["code"] == "not_held"
    stage.clock.move(stage.clock() + timedelta(minutes=1))
    user = stage.office.people.user("nobody")
    assert user is not None
    assert rights.scope_of(stage.desk, rights.person_of(stage.office.people, user)).processes == {PROCESS}
    assert admin.post(f"/api/v1/units/{LAND}/rename", json={"title": "甲"}).json()["title"] == "甲"
    assert admin.post(f"/api/v1/units/{LAND}/move", json={"over": CITY}).json()["over"] == CITY
