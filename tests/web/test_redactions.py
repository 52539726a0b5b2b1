"""Personal data is erased by the page and by program: asked for, approved by another, shown as erased from then on."""

from __future__ import annotations

from fastapi.testclient import TestClient

from engine.events import EventType
from tests.web.stage import Stage, underway
from workflows.people import accounts, holdings, rights, tokens
from workflows.people.values import ADMIN, ANY, By, Holding


def _second(stage: Stage) -> None:
    """Another administrator."""
    people = stage.office.people
    now = people.now()
    accounts.add_user(people, accounts.new_user("boss", now), By("admin"))
    given = holdings.grant(people, Holding("boss", ADMIN, ANY, None, now), By("admin"), rights.roles(stage.desk))
    assert isinstance(given, Holding), given


FORM = {"names": ["staff", "leader"], "reason": "本人申请删除", "sure": "yes"}


def test_the_office_asks_and_an_administrator_approves(stage: Stage) -> None:
    task = underway(stage)
    li, admin = stage.client("li"), stage.client("admin")
    assert f"/tasks/{task}/redaction" in li.get(f"/tasks/{task}").text
    page = li.get(f"/tasks/{task}/redaction").text
    assert "具体工作人员" in page
    assert "累计进度" not in page, "a figure is no personal data"
    sent = li.post(f"/tasks/{task}/redaction", data=FORM)
    assert sent.status_code == 303
    assert "R-1" in li.get(sent.headers["location"]).text
    assert "本人申请删除" in admin.get("/redactions").text
    assert admin.post("/redactions/R-1/approve").status_code == 303
    found = stage.desk.store.task(task)
    assert found is not None
    assert (found.fields["staff"], found.fields["leader"]) == (None, None)
    assert stage.desk.store.events(task)[-1].event.type is EventType.VALUES_REDACTED
    text = stage.client("wang").get(f"/tasks/{task}").text
    assert "按 R-1 号令删除" in text
    assert "erased on 2022-01-20 by order R-1" in stage.client("wang", "en").get(f"/tasks/{task}").text
    assert f"{task}#" in admin.get("/redactions").text


def test_who_may_not_ask_is_not_offered_it(stage: Stage) -> None:
    task = underway(stage)
    for user in ("wang", "wu", "qian", "nobody"):
        browser = stage.client(user)
        assert "redaction" not in browser.get(f"/tasks/{task}").text
        assert browser.get(f"/tasks/{task}/redaction").status_code in (403, 404)
        assert browser.post(f"/tasks/{task}/redaction", data=FORM).status_code in (403, 404)
        assert browser.get("/redactions").status_code == 403
    assert stage.client().get("/redactions").status_code == 303


def test_what_is_missing_or_may_not_go_is_said(stage: Stage) -> None:
    task = underway(stage)
    li = stage.client("li")
    for form in (
        {**FORM, "names": []},
        {**FORM, "sure": ""},
        {**FORM, "reason": " "},
        {**FORM, "names": ["lead_unit"]},
        {"files": ["0" * 64], "reason": "x", "sure": "yes"},
    ):
        answer = li.post(f"/tasks/{task}/redaction", data=form)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert stage.desk.store.chain("redactions") == []


def test_whoever_asked_does_not_approve_and_an_order_is_returned(stage: Stage) -> None:
    task = underway(stage)
    _second(stage)
    admin, boss = stage.client("admin"), stage.client("boss")
    assert admin.post(f"/tasks/{task}/redaction", data=FORM).status_code == 303
    assert admin.post("/redactions/R-1/approve").status_code == 409
    assert boss.post("/redactions/R-1/return", data={"reason": "不是本人"}).status_code == 303
    assert boss.post("/redactions/R-1/approve").status_code == 409
    found = stage.desk.store.task(task)
    assert found is not None
    assert found.fields["staff"] == "乙"


def test_the_name_of_who_left(stage: Stage) -> None:
    _second(stage)
    admin, boss = stage.client("admin"), stage.client("boss")
    assert admin.post("/people/users/zhao/redaction", data={"reason": "离任"}).status_code == 422
    assert "/people/users/zhao/redaction" not in admin.get("/people/users/zhao").text
    assert admin.post("/people/users/zhao/close", data={"sure": "yes"}).status_code == 303
    assert "/people/users/zhao/redaction" in admin.get("/people/users/zhao").text
    assert admin.post("/people/users/zhao/redaction", data={"reason": "离任"}).status_code == 303
    assert boss.post("/redactions/R-1/approve").status_code == 303
    user = stage.office.people.user("zhao")
    assert user is not None
    assert user.name == "<personal>"


def test_by_program(stage: Stage) -> None:
    """The same by the API, with a key."""
    task = underway(stage)
    li, admin = _program(stage, "li", "act"), _program(stage, "admin", "admin")
    at = f"/api/v1/tasks/{task}/redactions"
    told = {"names": ["staff"], "reason": "本人申请删除"}
    assert li.post(at, json={**told, "names": ["percent"]}).status_code == 422
    assert li.post(at, json={**told, "names": []}).status_code == 409
    asked = li.post(at, json=told)
    assert (asked.status_code, asked.json()["order"], asked.json()["state"]) == (201, "R-1", "asked")
    assert li.post(at, json=told).status_code == 409
    assert li.get("/api/v1/redactions").status_code == 403
    assert [each["order"] for each in admin.get("/api/v1/redactions").json()["items"]] == ["R-1"]
    done = admin.post("/api/v1/redactions/R-1/approve").json()
    assert (done["state"], done["event"].partition("#")[0]) == ("approved", task)
    assert admin.post("/api/v1/redactions/R-1/return", json={"reason": "late"}).status_code == 409
    assert admin.post("/api/v1/redactions/R-9/approve").status_code == 404


def _program(stage: Stage, user: str, scope: str) -> TestClient:
    found = stage.office.people.user(user)
    assert found is not None
    secret = tokens.issue(stage.office.people, found, "program", ["read", scope], 30)
    client = stage.client()
    client.headers["authorization"] = f"Bearer {secret}"
    return client
