"""Acting by a program: once for each key, never on what has changed, with every fault at its place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.web.stage import HOUSING, LEADS, OFFICE, Stage, at, underway
from workflows.people import tokens
from workflows.people.ports import Note

PDF = b"%PDF-1.7 evidence"


def program(stage: Stage, user: str, *scopes: str, lang: str = "en") -> TestClient:
    """A program that acts for somebody by a token with these scopes."""
    found = stage.office.people.user(user)
    assert found is not None
    secret = tokens.issue(stage.office.people, found, "test", scopes, 366)
    assert isinstance(secret, str)
    client = TestClient(stage.app, follow_redirects=False, raise_server_exceptions=False)
    client.headers.update({"authorization": f"Bearer {secret}", "accept-language": lang})
    return client


def in_march(stage: Stage) -> str:
    """A task under way, on the day after its first report was due."""
    task = underway(stage)
    stage.clock.move(at("2022-03-01 09:00"))
    return task


def test_a_program_reports_once_with_evidence(stage: Stage) -> None:
    """A file goes in, the act names it by reference, and sending the act again answers it and does nothing."""
    task = in_march(stage)
    wang = program(stage, "wang", "read", "act")
    kept = wang.post("/api/v1/files", files={"file": ("证明.pdf", PDF)})
    assert kept.status_code == 201, kept.text
    form = {"month": "2022-02", "percent": 3.5, "evidence": [kept.json()["reference"]]}
    sent = {"json": {"form": form}, "headers": {"idempotency-key": "report-2022-02"}}
    first, again = (wang.post(f"/api/v1/tasks/{task}/acts/report", **sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200), first.text
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert first.json()["version"] == again.json()["version"]
    shown = wang.get(f"/api/v1/tasks/{task}")
    assert "3.5" in shown.json()["fields"].values()
    assert shown.headers["etag"] == f'"{first.json()["version"]}"'
    file = wang.get(f"/api/v1/tasks/{task}/files").json()["items"][-1]
    assert wang.get(f"/api/v1/tasks/{task}/files/{file['digest']}").content == PDF
    assert stage.desk.store.events(task)[-1].event.payload is not None
    reused = wang.post(f"/api/v1/tasks/{task}/acts/report", json={"form": {}}, headers=sent["headers"])
    assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")


def test_what_has_changed_is_not_acted_on(stage: Stage) -> None:
    """If-Match with an older version is 412 with the present one; what time changed is recorded by then."""
    task = underway(stage)
    wang, path = program(stage, "wang", "read", "act"), f"/api/v1/tasks/{task}/acts/report"
    seen = wang.get(f"/api/v1/tasks/{task}").headers["etag"]
    stage.clock.move(at("2022-03-01 09:00"))
    told = {"form": {"month": "2022-02", "percent": "9"}}
    stale = wang.post(path, json=told, headers={"if-match": seen})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert stale.headers["etag"] != seen
    for odd in ("W/" + stale.headers["etag"], "nonsense", '"x"'):
        assert wang.post(path, json=told, headers={"if-match": odd}).status_code == 412
    done = wang.post(path, json=told, headers={"if-match": stale.headers["etag"]})
    assert done.status_code == 200, done.text


def test_faults_stand_at_their_fields_in_the_language_that_was_asked_for(stage: Stage) -> None:
    """The form's problems as JSON pointers, code and facts the same in both languages."""
    task = in_march(stage)
    told = {}
    for lang in ("zh", "en"):
        wang = program(stage, "wang", "act", lang=lang)
        answer = wang.post(f"/api/v1/tasks/{task}/acts/report", json={"form": {"percent": "viel"}})
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
        told[lang] = answer.json()
        assert [each["at"] for each in told[lang]["errors"]] == ["/form/month", "/form/percent"]
    assert told["zh"]["code"] == told["en"]["code"] == "form"
    assert told["zh"]["facts"] == told["en"]["facts"]
    assert told["en"]["errors"][0]["message"] == "Month is required"
    assert told["zh"]["cure"] == "请改正后再提交"


def test_a_list_enters_whole_or_not_at_all(stage: Stage) -> None:
    """Each fault with its row and field; and once under a key."""
    li = program(stage, "li", "act")
    good = {"fields": {"title": "新项目", "annual_target": "全部完成", "lead_unit": HOUSING}}
    count = len(list(stage.desk.store.tasks()))
    bad = li.post("/api/v1/tasks", json={"process": "dalian-livelihood", "tasks": [good, {"fields": {"title": "x"}}]})
    assert (bad.status_code, bad.json()["code"]) == (422, "list")
    assert {each["at"] for each in bad.json()["errors"]} == {
        "/tasks/1/fields/annual_target",
        "/tasks/1/fields/lead_unit",
    }
    assert len(list(stage.desk.store.tasks())) == count
    sent = {"json": {"process": "dalian-livelihood", "tasks": [good]}, "headers": {"idempotency-key": "list-1"}}
    first, again = (li.post("/api/v1/tasks", **sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json() == again.json()
    assert len(list(stage.desk.store.tasks())) == count + 1
    wang = program(stage, "wang", "act")
    assert wang.post("/api/v1/tasks", json=sent["json"]).status_code == 403


def test_a_reference_is_good_for_its_uploader_alone(stage: Stage) -> None:
    """Another's reference, a digest that somebody knows, or a name are no evidence."""
    task = in_march(stage)
    theirs = program(stage, "qian", "act").post("/api/v1/files", files={"file": ("a.pdf", PDF)}).json()
    wang = program(stage, "wang", "act")
    for odd in (theirs["reference"], theirs["digest"], {"name": "a.pdf", "digest": theirs["digest"]}, 7):
        told = {"form": {"month": "2022-02", "percent": "3", "evidence": [odd]}}
        answer = wang.post(f"/api/v1/tasks/{task}/acts/report", json=told)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == "/form/evidence/0"


def test_scopes_and_signs_of_who_asks(stage: Stage) -> None:
    """No sign or a false one is 401 and says how; a token to read does not act; what is not one's own is not there."""
    task, gas = in_march(stage), stage.tasks["gas"]
    nobody = TestClient(stage.app)
    assert nobody.get(f"/api/v1/tasks/{task}").headers["www-authenticate"] == 'Bearer realm="duban"'
    false = nobody.get(f"/api/v1/tasks/{task}", headers={"authorization": "Bearer duban_false"})
    assert (false.status_code, false.json()["code"]) == (401, "unauthenticated")
    assert "invalid_token" in false.headers["www-authenticate"]
    reader = program(stage, "wang", "read")
    assert reader.post(f"/api/v1/tasks/{task}/acts/report", json={}).status_code == 403
    assert reader.get(f"/api/v1/tasks/{gas}").json()["code"] == "not_found"
    listed = {each["task"] for each in reader.get("/api/v1/tasks").json()["items"]}
    assert listed == {stage.tasks["roads"], stage.tasks["homes"]}


@pytest.mark.parametrize("sort", ["task", "due", "title", "state"])
def test_pages_follow_one_another_to_the_end(stage: Stage, sort: str) -> None:
    """`next` leads through all of a list, each task once; a cursor of somebody's own making is told."""
    li = program(stage, "li", "read")
    path, found = f"/api/v1/tasks?limit=1&sort={sort}", []
    while path:
        page = li.get(path).json()
        found += [each["task"] for each in page["items"]]
        path = page["next"]
    assert sorted(found) == sorted(stage.tasks.values())
    assert li.get("/api/v1/tasks?cursor=!!").json()["errors"][0]["at"] == "/cursor"


def test_what_is_personal_is_answered_by_its_task_alone(stage: Stage) -> None:
    """A field that the law protects is taken by an act; it stands in the answer about the task, apart from the record,
    and in no other.
    """
    task = in_march(stage)
    wang = program(stage, "wang", "read", "act")
    told = {"leader": "张三丰", "department": "工程处", "staff": "李四光", "reason": "轮岗"}
    done = wang.post(f"/api/v1/tasks/{task}/acts/change_team", json={"form": told})
    assert done.status_code == 200, done.text
    answer = wang.get(f"/api/v1/tasks/{task}").json()
    assert answer.pop("personal") == {"leader": "张三丰", "staff": "李四光"}
    texts = [done.text, json.dumps(answer, ensure_ascii=False), wang.get(f"/api/v1/tasks/{task}/events?limit=500").text]
    texts += [wang.get(path).text for path in ("/api/v1/tasks", "/api/v1/worklist", "/api/v1/board")]
    assert all("张三丰" not in text and "李四光" not in text for text in texts)
    assert any("工程处" in text for text in texts)


def test_the_office_acts_and_the_task_is_decided_under_its_name(stage: Stage) -> None:
    """The actor of an act is the token's user, through the channel `api`."""
    task = in_march(stage)
    stage.act(task, "report", LEADS[HOUSING], month="2022-02", percent="3")
    done = program(stage, "li", "act").post(f"/api/v1/tasks/{task}/acts/warn", json={"form": {"reason": "抓紧"}})
    assert done.status_code == 200, done.text
    command = next(
        each.event.payload["command"]
        for each in reversed(stage.desk.store.events(task))
        if each.event.payload.get("command")
    )
    assert (command["actor"]["id"], command["channel"]) == (OFFICE.id, "api")


def test_what_became_of_a_task_is_told_only_to_whoever_still_sees_it(stage: Stage) -> None:
    """A job asked for while a right lasted does nothing after it, and tells nothing of tasks that are out of sight."""
    task, wang = in_march(stage), program(stage, "wang", "read", "act")
    told = {"tasks": [task], "trigger": "report", "form": {"month": "2022-02", "percent": "9"}}
    asked = wang.post("/api/v1/jobs", json=told)
    assert asked.status_code == 202, asked.text
    people = stage.office.people
    [held] = people.holdings(user="wang")
    people.put_holding(replace(held, valid_to=people.now()), Note("RoleEnded", "root", {}))
    before = len(stage.desk.store.events(task))
    stage.work()
    assert len(stage.desk.store.events(task)) == before
    path = f"/api/v1/jobs/{asked.json()['id']}/fates"
    [hidden] = wang.get(path).json()["items"]
    [seen] = program(stage, "wu", "read").get(path).json()["items"]
    assert (hidden["fate"], seen["fate"]) == ("refused", "refused")
    assert seen["detail"] not in ("", hidden["detail"])
