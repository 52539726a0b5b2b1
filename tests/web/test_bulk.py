"""Choose many, act once: the fate of each is reported, and none is skipped."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from storage.labour import SqlLabour
from tests.web.stage import PROCESS, Stage, underway
from workflows.cells import tables_apart


def _key(text: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', text)
    assert found is not None
    return found[1]


def _warn(browser: TestClient, tasks: str, **told: str) -> str:
    form = browser.post("/bulk/form", data={"tasks": tasks, "act": f"{PROCESS}/warn"})
    asked = {"tasks": tasks, "act": f"{PROCESS}/warn", "key": _key(form.text), "f.reason": "抓紧", **told}
    answer = browser.post("/bulk/do", data=asked)
    assert answer.status_code == 303, answer.text
    assert browser.post("/bulk/do", data=asked).headers["location"] == answer.headers["location"]
    return str(answer.headers["location"])


def test_the_office_warns_many_at_once(stage: Stage) -> None:
    """From the board to the form to the job: what could be done is done, the rest is refused with its reason."""
    homes = underway(stage)
    browser = stage.client("li")
    board = browser.get("/board").text
    assert f'form="bulk" name="task" value="{homes}"' in board
    chosen = browser.post("/bulk", data={"task": list(stage.tasks.values())})
    assert "已选 3 项" in chosen.text
    assert "现在可办 1 项，共选 3 项" in chosen.text
    tasks = " ".join(stage.tasks.values())
    assert f'value="{PROCESS}/report"' not in chosen.text
    where = _warn(browser, tasks)
    assert "等待运行" in browser.get(where).text
    assert 'hx-trigger="every 2s"' in browser.get(where).text
    stage.work()
    page = browser.get(where).text
    assert "3 / 3" in page
    assert page.count(">未予办理<") >= 2
    assert "every 2s" not in page
    assert browser.get(f"{where}/progress").headers["hx-refresh"] == "true"
    assert f'href="/tasks/{homes}"' in browser.get(f"{where}?fate=done").text
    assert f'href="/tasks/{homes}"' not in browser.get(f"{where}?fate=refused").text
    rows = tables_apart("fates.xlsx", browser.get(f"{where}/fates.xlsx").content)[0]
    assert [row[0] for row in rows[1:4]] == [1, 2, 3]
    assert sorted(row[3] for row in rows[1:4]) == sorted(["已办理", "未予办理", "未予办理"])
    assert all(row[4] for row in rows[1:4])
    kept = stage.desk.store.events(homes)
    assert sum(each.event.payload.get("command", {}).get("trigger") == "warn" for each in kept) == 1
    assert where in browser.get("/jobs").text
    english = stage.client("li", "en").get(where).text
    assert "refused" in english


def test_all_that_match_the_filter(stage: Stage) -> None:
    """The board's query says which; the ids need not be sent one by one."""
    homes = underway(stage)
    browser = stage.client("li")
    answer = browser.post("/bulk?state=in_progress", data={"all": "1"})
    assert "已选 1 项" in answer.text
    assert f'name="tasks" value="{homes}"' in answer.text
    assert "已选 3 项" in browser.post(f"/bulk?process={PROCESS}", data={"all": "1"}).text


def test_what_is_wrong_with_the_form_is_said_before_any_task_is_touched(stage: Stage) -> None:
    """A missing reason comes back at its field, with what was chosen; no job is asked for."""
    browser, tasks = stage.client("li"), " ".join(stage.tasks.values())
    answer = browser.post("/bulk/do", data={"tasks": tasks, "act": f"{PROCESS}/warn", "key": "k" * 32})
    assert answer.status_code == 422
    assert "“预警事由”必填" in answer.text
    assert f'value="{tasks}"' in answer.text
    assert "您还没有发起过作业" in browser.get("/jobs").text


def test_nobody_acts_on_what_is_not_theirs(stage: Stage) -> None:
    """A unit's choice has its own tasks alone, its acts alone; its job is nobody else's."""
    gas = underway(stage, "gas")
    browser = stage.client("wang")
    assert browser.post("/bulk", data={"task": gas}).status_code == 422
    assert "已选 2 项" in browser.post("/bulk", data={"task": list(stage.tasks.values())}).text
    assert browser.post("/bulk/form", data={"tasks": gas, "act": f"{PROCESS}/report"}).status_code == 404
    assert browser.post("/bulk/do", data={"tasks": stage.tasks["homes"], "act": f"{PROCESS}/warn"}).status_code == 404
    where = _warn(stage.client("li"), gas)
    for path in (where, f"{where}/progress", f"{where}/fates.xlsx"):
        assert browser.get(path).status_code == 404
        assert stage.client("zhao").get(path).status_code == 404
        assert stage.client("admin").get(path).status_code == 200
    assert browser.post(f"{where}/cancel").status_code == 404
    assert 'form="bulk"' not in stage.client("wu").get("/board").text


def test_a_job_is_stopped(stage: Stage) -> None:
    """One that waits is cancelled; nothing is done."""
    browser, homes = stage.client("li"), underway(stage)
    where = _warn(browser, homes)
    assert browser.post(f"{where}/cancel").status_code == 303
    stage.work()
    assert "已取消" in browser.get(where).text
    assert not [each for each in stage.desk.store.events(homes) if "抓紧" in str(each.event.payload)]
    assert isinstance(stage.house.labour, SqlLabour)
