"""What a unit's successor sees: the open work that it took over, with all that belongs to it, and through no door what
had ended before. That stays with the unit that held it, to be read by the office and by auditors.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.web.stage import CITY, DALIAN, HOUSING, LEADS, OFFICE, POLICE, PROCESS, Stage, at, underway
from tests.web.test_api_acting import PDF, program
from workflows.lists.ports import Order, Wanted
from workflows.office.mine import owed
from workflows.office.registering import register
from workflows.papers.templates import keep_found
from workflows.people import rights, units
from workflows.people.values import By, Unit
from workflows.rows import Row
from workflows.sources import templates_beside


@pytest.fixture
def merged(stage: Stage) -> Stage:
    """Housing lags once on `homes`, with a file and an order, and is done with it; `more` and `roads` are still open
    when housing goes to city management.
    """
    keep_found(stage.desk, stage.desk.book(f"{PROCESS}@2022.1")[0], templates_beside(DALIAN), "admin")
    stage.tasks = {**stage.tasks, "more": _another(stage)}
    underway(stage, "more")
    homes, wang = underway(stage, "homes"), program(stage, "wang", "read", "act")
    stage.clock.move(at("2022-03-02 09:00"))
    sent = wang.post("/api/v1/files", files={"file": ("done.pdf", PDF)}).json()
    told = {"form": {"month": "2022-02", "percent": "3", "evidence": [sent["reference"]]}}
    assert wang.post(f"/api/v1/tasks/{homes}/acts/report", json=told).status_code == 200
    stage.act(homes, "order_rectification", OFFICE, requirement="限期整改", deadline="2022-03-20")
    _ended(stage, homes)
    _reported(stage, homes)
    stage.clock.move(at("2022-03-10 09:00"))
    assert isinstance(units.merge(stage.office.people, HOUSING, CITY, None, By("admin")), Unit)
    stage.clock.move(at("2022-03-10 10:00"))
    return stage


def _another(stage: Stage) -> str:
    nodes = {f"2022-{month:02d}": {"target": "节点", "planned": 5 + (month - 2) * 9.5} for month in range(2, 13)}
    fields = {"title": "实施校舍加固工程", "annual_target": "全部完成", "lead_unit": HOUSING}
    entered = register(stage.desk, PROCESS, [Row(1, fields, nodes)], OFFICE)
    assert isinstance(entered, list), entered
    return entered[0].id


def _ended(stage: Stage, task: str) -> None:
    """Completed, handed in and verified."""
    lead, paper = LEADS[HOUSING], [{"name": "报告.pdf"}]
    stage.act(task, "report", lead, month="2022-02", percent="100", evidence=paper)
    now = stage.desk.store.task(task)
    if now is not None and now.state == "rectifying":
        stage.act(task, "submit_rectification", lead, result="已整改", evidence=paper)
        stage.act(task, "accept_rectification", OFFICE)
    stage.act(task, "submit_completion", lead, result="完成", evidence=paper)
    stage.act(task, "verify_completion", OFFICE, findings="属实")
    found = stage.desk.store.task(task)
    assert found is not None
    assert found.ended


def _reported(stage: Stage, task: str) -> None:
    """What is owed after the end."""
    stage.act(task, "file_special_report", LEADS[HOUSING], paper=[{"name": "专项报告.pdf"}])


def _paths(stage: Stage, task: str) -> list[str]:
    """Every address under which something of a task is."""
    api, page = program(stage, "li", "read"), f"/tasks/{task}"
    files = [each["digest"] for each in api.get(f"/api/v1{page}/files").json()["items"] if each["digest"]]
    documents = [each["id"] for each in api.get(f"/api/v1/documents?task={task}").json()["items"]]
    assert files
    assert documents
    found = [page, f"{page}/acts/report", f"/api/v1{page}", f"/api/v1{page}/events", f"/api/v1{page}/files"]
    found += [f"{each}{page}/files/{files[0]}" for each in ("", "/api/v1")]
    found += [f"{page}/documents/{documents[0]}"]
    return [*found, f"/api/v1/documents/{documents[0]}", f"/api/v1/documents/{documents[0]}/docx"]


LISTS = (
    "/worklist", "/board", "/board/export?format=csv", "/documents", "/calendar?day=2022-03-20", "/ledgers",
    "/calendar?month=2022-03", "/api/v1/tasks?limit=500", "/api/v1/documents", "/api/v1/deadlines",
    "/api/v1/worklist", "/api/v1/board",
)  # fmt: skip


def test_what_had_ended_stays_with_who_held_it(merged: Stage) -> None:
    """By its address, its files, its documents, in no list and no export; the office, auditors and administrators
    read it all.
    """
    homes = merged.tasks["homes"]
    paths = _paths(merged, homes)
    for reader, status in (("qian", 404), ("wang", 404), ("sun", 404), ("li", 200), ("admin", 200)):
        for path in paths:
            client = program(merged, reader, "read") if path.startswith("/api/") else merged.client(reader)
            assert client.get(path).status_code == status, f"{reader} {path}"
    for path in LISTS:
        client = program(merged, "qian", "read") if path.startswith("/api/") else merged.client("qian")
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert homes not in answer.text, path
        assert "老旧小区" not in answer.text, path
    acted = program(merged, "qian", "read", "act").post("/api/v1/jobs", json={"tasks": [homes], "trigger": "report"})
    assert acted.status_code == 422
    assert homes in merged.client("li").get(f"/board?unit={quote(HOUSING)}").text


def test_open_work_goes_over_with_all_that_belongs_to_it(merged: Stage) -> None:
    """The successor sees and does it, under the name that it has."""
    roads, qian = merged.tasks["roads"], program(merged, "qian", "read", "act")
    assert qian.get(f"/api/v1/tasks/{roads}").json()["fields"]["lead_unit"] == HOUSING
    assert roads in merged.client("qian").get("/board").text
    assert merged.client("wang").get(f"/tasks/{roads}").status_code == 404


def test_what_the_successor_ended_stays_its_own(merged: Stage) -> None:
    """It held it when it ended; whoever succeeds it later sees it no more than the rest."""
    more, people = merged.tasks["more"], merged.office.people
    _ended(merged, more)
    _reported(merged, more)
    merged.clock.move(merged.clock() + timedelta(days=1))
    assert merged.client("qian").get(f"/tasks/{more}").status_code == 200
    units.merge(people, CITY, POLICE, None, By("admin"), with_people=True)
    merged.clock.move(merged.clock() + timedelta(minutes=1))
    assert merged.client("qian").get(f"/tasks/{merged.tasks['gas']}").status_code == 200
    assert merged.client("qian").get(f"/tasks/{merged.tasks['roads']}").status_code == 200
    assert merged.client("qian").get(f"/tasks/{more}").status_code == 404


def test_a_task_and_the_lists_agree_about_everything(merged: Stage) -> None:
    """The one question about a task answers as every list does, for everybody."""
    lists, ids = merged.house.lists, list(merged.tasks.values())
    for name in ("li", "wang", "qian", "sun", "zhou", "wu", "admin", "nobody"):
        user = merged.office.people.user(name)
        assert user is not None
        person = rights.person_of(merged.office.people, user)
        scope = rights.scope_of(merged.desk, person)
        listed = {row.task for row in lists.rows(Wanted(scope), Order("task"))}
        assert lists.seen(scope, ids) == listed
        assert {row.row.task for row in owed(merged.desk, lists, person, "en").rows} <= lists.seen(
            scope, {each.id for each in merged.desk.store.tasks()}
        )


def test_what_is_still_owed_after_the_end_is_open_work(stage: Stage) -> None:
    """A closed task still owes its special report: it goes over, and stays with whoever filed it."""
    homes = underway(stage)
    stage.clock.move(at("2022-03-02 09:00"))
    _ended(stage, homes)
    stage.clock.move(at("2022-03-10 09:00"))
    units.merge(stage.office.people, HOUSING, CITY, None, By("admin"))
    qian = program(stage, "qian", "read", "act")
    assert [each["task"] for each in qian.get("/api/v1/worklist").json()["items"] if each["task"] == homes]
    sent = qian.post("/api/v1/files", files={"file": ("report.pdf", PDF)}).json()
    told = {"form": {"paper": [sent["reference"]]}}
    assert qian.post(f"/api/v1/tasks/{homes}/acts/file_special_report", json=told).status_code == 200
    assert qian.get(f"/api/v1/tasks/{homes}").json()["ended"]
