"""One task is registered by a form: what is asked for, what is refused, and that nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from tests.web.stage import CITY, HOUSING, PROCESS, Stage
from workflows.ports import PROGRAMME

PDF = b"%PDF-1.7 evidence"


def _form(browser: TestClient, **query: str) -> dict[str, str]:
    """The hidden fields of the form."""
    text = browser.get("/register", params=query).text
    return dict(re.findall(r'<input type="hidden" name="(process|kind|key)" value="([^"]*)">', text))


def _park(**more: str) -> dict[str, str]:
    told = {"f.title": "新建公园", "f.annual_target": "十座", "f.lead_unit": HOUSING, "f.cooperating_units": CITY}
    plan = {
        "f._plan.0._key": "2022-06",
        "f._plan.0.planned": "40",
        "f._plan.2._key": "2022-12",
        "f._plan.2.planned": "100",
    }
    return {**told, **plan, **more}


def _tasks(stage: Stage) -> list[str]:
    return [task.id for task in stage.desk.store.tasks(process=PROCESS)]


def test_a_task_is_registered_with_its_plan_once(stage: Stage) -> None:
    """The form has the record's fields and the plan as rows; sending it again answers the same and does nothing."""
    browser = stage.client("li")
    assert 'href="/register"' in browser.get("/worklist").text
    told = {**_form(browser), **_park(), "f.promised": "true", "f.leader": "张三丰"}
    done = browser.post("/register", data=told)
    assert done.status_code == 303, done.text
    task = stage.desk.store.task(done.headers["location"].removeprefix("/tasks/").partition("?")[0])
    assert task is not None
    assert {name: task.fields[name] for name in ("title", "lead_unit", "cooperating_units", "promised")} == {
        "title": "新建公园",
        "lead_unit": HOUSING,
        "cooperating_units": [CITY],
        "promised": True,
    }
    assert {key: row["planned"] for key, row in task.milestones.items()} == {"2022-06": "40", "2022-12": "100"}
    page = browser.get(done.headers["location"]).text
    assert "新建公园" in page
    assert "已办理：" in page
    count = len(_tasks(stage))
    assert browser.post("/register", data=told).headers["location"] == done.headers["location"]
    assert len(_tasks(stage)) == count


@pytest.mark.parametrize(
    ("changed", "at", "zh", "en"),
    [
        ({"f.title": ""}, "f.title", "必填", "required"),
        ({"f.percent": "很多"}, "f.percent", "很多", "很多"),
        ({"f.lead_unit": "市城市管理据"}, "f.lead_unit", "是否想写", "did you mean"),
        ({"f.title": "实施燃气安全提升工程"}, "f.title", "dalian-livelihood-03", "dalian-livelihood-03"),
        ({"f._plan.0.planned": "700"}, "f._plan", "100", "100"),
        ({"f._plan.0._key": "六月"}, "f._plan", "六月", "六月"),
        ({"f._plan.2._key": "2022-06"}, "f._plan", "节点重复：2022-06", "these nodes stand twice: 2022-06"),
        ({"f._plan.0._key": ""}, "f._plan", "每一行都要写明节点", "each row must say which node"),
        ({"f.annual_target": "长" * 100_001}, "f.annual_target", "不得超过 100,000 个字", "100,000 characters at most"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    stage: Stage, changed: dict[str, str], at: str, zh: str, en: str
) -> None:
    """In both languages; everything that was typed comes back, and no task is there."""
    before = _tasks(stage)
    for lang, said in (("zh", zh), ("en", en)):
        browser = stage.client("li", lang)
        told = {**_form(browser), **_park(**changed), "f.progress": "已经开工"}
        answer = browser.post("/register", data=told)
        assert answer.status_code == 422
        beside = re.search(rf'<p class="wrong" id="{re.escape(at)}-wrong">(.*?)</p>', answer.text)
        assert beside is not None, re.findall(r'id="([^"]*)-wrong"', answer.text)
        assert said in beside[1]
        for name, value in {**_park(**changed), "f.progress": "已经开工"}.items():
            assert not value or value in answer.text, name
        assert told["key"] in answer.text, "the same key: sent twice it is done once"
    assert _tasks(stage) == before


def test_a_programme_is_registered_and_a_task_within_it(stage: Stage) -> None:
    """Both have a form; a task may be part of a programme that the visitor sees."""
    browser = stage.client("li")
    assert _form(browser, kind=PROGRAMME)["kind"] == PROGRAMME
    fields = stage.desk.latest(PROCESS)[0].sheets[PROGRAMME].body.fields  # type: ignore[index]  # it is published
    told = {f"f.{name}": "2022" for name, one in fields.items() if one.required}
    done = browser.post("/register", data={**_form(browser, kind=PROGRAMME), **told})
    assert done.status_code == 303, done.text
    (programme,) = [name for name in _tasks(stage) if PROGRAMME in name]
    page = browser.get("/register").text
    assert f'<option value="{programme}"' in page
    done = browser.post("/register", data={**_form(browser), **_park(), "programme": programme})
    task = stage.desk.store.task(done.headers["location"].removeprefix("/tasks/").partition("?")[0])
    assert task is not None
    assert task.part_of == programme
    assert browser.post("/register", data={**_form(browser), **_park(), "programme": "none"}).status_code == 404


def test_a_file_is_kept_while_the_form_is_put_right(stage: Stage) -> None:
    """It need not be chosen again."""
    browser = stage.client("li")
    told = {**_form(browser), **_park(**{"f.title": ""})}
    answer = browser.post("/register", data=told, files={"f.special_report": ("报告.pdf", PDF)})
    kept = re.search(r'name="k.special_report" value="([^"]*)"', answer.text)
    assert kept is not None
    again = {**told, "f.title": "新建公园", "k.special_report": kept[1].replace("&#34;", '"')}
    done = browser.post("/register", data=again)
    task = stage.desk.store.task(done.headers["location"].removeprefix("/tasks/").partition("?")[0])
    assert task is not None
    assert [each["name"] for each in task.fields["special_report"]] == ["报告.pdf"]


def test_only_who_may_register_finds_the_form(stage: Stage) -> None:
    """A lead unit, the auditor and a stranger find none, and what they send registers nothing."""
    told, before = {**_form(stage.client("li")), **_park()}, _tasks(stage)
    for user, status in (("wang", 404), ("wu", 403), ("nobody", 404)):
        browser = stage.client(user)
        assert browser.get("/register").status_code == status
        assert browser.post("/register", data=told).status_code == status
        assert 'href="/register"' not in browser.get("/worklist").text
    assert _tasks(stage) == before
