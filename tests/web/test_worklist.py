"""The worklist: what is owed and what waits, for whom, and many visitors at once."""

from __future__ import annotations

import re
from functools import partial

from tests.limits import at_once
from tests.web.stage import CITY, HOUSING, LEADS, OFFICE, Stage, at, underway
from workflows.office import mine
from workflows.office.sweeping import sweep
from workflows.people import rights


def _lines(text: str) -> list[str]:
    """The ids of the tasks in the first table, in its order."""
    return re.findall(r'<th scope="row"[^>]*><a href="/tasks/([^"]+)"', text.partition('id="waiting"')[0])


def test_each_unit_sees_what_it_owes_the_overdue_first(stage: Stage) -> None:
    """A lead unit its own, in the order of the dates, with the days that it is late; others nothing of it."""
    homes, roads = underway(stage), stage.tasks["roads"]
    sweep(stage.desk, at("2022-03-10 09:00"))
    page = stage.client("wang").get("/worklist").text
    assert _lines(page)[:2] == [roads, homes]
    assert stage.tasks["gas"] not in page
    assert "逾期 22 个工作日" in page
    assert "逾期 8 个工作日" in page
    assert f"/tasks/{homes}/acts/report?key=2022-02" in page
    assert "22 working days late" in stage.client("wang", "en").get("/worklist").text
    assert _lines(stage.client("qian").get("/worklist").text)[0] == stage.tasks["gas"]
    for user in ("sun", "nobody", "wu"):
        assert _lines(stage.client(user).get("/worklist").text) == []


def test_what_waits_for_the_office_is_what_it_can_move_on(stage: Stage) -> None:
    """A filed plan waits to be adopted, a lagging task for its order; what only might be done at any time does not."""
    task, lead = stage.tasks["homes"], LEADS[HOUSING]
    office = stage.client("li")
    assert f"/tasks/{task}/acts" not in office.get("/worklist").text
    team = {"leader": "甲", "department": "处室", "staff": "乙"}
    stage.act(task, "file_plan", lead, measures="x", plan=[{"name": "p.pdf"}], **team)
    assert re.findall(rf"/tasks/{task}/acts/(\w+)", office.get("/worklist").text) == ["adopt_plan"]
    stage.act(task, "adopt_plan", OFFICE)
    assert f"/tasks/{task}/acts" not in office.get("/worklist").text
    sweep(stage.desk, at("2022-02-25 09:00"))
    stage.act(task, "report", lead, month="2022-02", percent=1)
    page = stage.client("li").get("/worklist").text
    assert re.findall(rf"/tasks/{task}/acts/(\w+)", page) == ["order_rectification"]
    assert "order_rectification" not in stage.client("wang").get("/worklist").text


def test_pages_are_cut_where_they_are_asked_for(stage: Stage) -> None:
    """No row twice, none lost, and a page too far is the last one."""
    user = stage.office.people.user("wang")
    assert user is not None
    person = rights.person_of(stage.office.people, user)
    whole = mine.owed(stage.desk, stage.house.lists, person, "zh")
    parts = [mine.owed(stage.desk, stage.house.lists, person, "zh", page=page, size=2) for page in (1, 2, 3, 99)]
    assert [one.row for part in parts[:3] for one in part.rows] == [one.row for one in whole.rows]
    assert parts[3].page == parts[3].pages == 3


def test_many_visitors_at_once(stage: Stage) -> None:
    """Readers and writers share what has been read and compiled, and none gets another's answer or a failure."""
    tasks = {"wang": underway(stage, "homes"), "qian": underway(stage, "gas")}
    clients = [(user, stage.client(user)) for user in ("wang", "qian") for _ in range(6)]

    def visit(each: tuple[str, object]) -> list[int]:
        user, browser = each
        task, answers = tasks[user], []
        for path in ("/worklist", f"/tasks/{task}", f"/tasks/{task}/acts/report") * 2:
            answer = browser.get(path)  # type: ignore[attr-defined]  # a TestClient
            answers.append(answer.status_code)
            assert (HOUSING if user == "qian" else CITY) not in answer.text.partition("<main")[2].partition("<form")[0]
        told = {"f.reason": "轮岗", "f.leader": "x", "f.department": user, "f.staff": "y"}
        form = browser.post(f"/tasks/{task}/acts/change_team", data=told)  # type: ignore[attr-defined]  # a TestClient
        return [*answers, form.status_code]

    answers = at_once(*(partial(visit, each) for each in clients))
    assert {status for each in answers for status in each} == {200, 303}
    for user, task in tasks.items():
        kept = stage.desk.store.task(task)
        assert kept is not None
        assert kept.fields["department"] == user
        assert len(kept.fired["change_team"]) == 6
