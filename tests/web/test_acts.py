"""Acting by the page: what a form does, what it refuses, and that nothing typed is lost."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from engine.commands import Actor, Refusal
from tests.web.stage import OFFICE, Stage, at, underway
from web.forms import MOST_TEXT
from workflows.office.firing import Act, fire
from workflows.office.sweeping import sweep

PDF = b"%PDF-1.7 evidence"


def _form(browser: TestClient, path: str) -> dict[str, str]:
    """The hidden fields of the form that a page shows."""
    text = browser.get(path).text
    return {name: re.search(rf'name="{name}" value="([^"]*)"', text)[1] for name in ("version", "key")}  # type: ignore[index]  # a page without them fails here


def _in_march(stage: Stage) -> str:
    task = underway(stage)
    sweep(stage.desk, at("2022-03-01 09:00"))
    return task


def test_what_time_changed_is_recorded_and_said(stage: Stage) -> None:
    """A deadline that passed while somebody was writing makes the form stale once, not for ever."""
    task = underway(stage)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "9"}
    stage.clock.move(at("2022-03-01 09:00"))
    browser = stage.client("wang")
    stale = browser.post(path, data=told)
    assert stale.status_code == 409
    assert "逾期" in stale.text
    again = {name: re.search(rf'name="{name}" value="([^"]*)"', stale.text)[1] for name in ("version", "key")}  # type: ignore[index]  # a page without them fails here
    assert browser.post(path, data={**told, **again}).status_code == 303


def test_a_unit_reports_and_reveals_its_lag(stage: Stage) -> None:
    """A form with a file is an act, once: sending it again answers the same and does nothing."""
    task = _in_march(stage)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "3", "f.progress": "进展缓慢"}
    files = {"f.evidence": ("证明.pdf", PDF, "application/pdf")}
    done = browser.post(path, data=told, files=files)
    assert done.status_code == 303, done.text
    after = stage.desk.store.task(task)
    assert after is not None
    assert after.state == "lagging"
    assert stage.desk.store.events(task)[-1].event.payload is not None
    page = browser.get(done.headers["location"]).text
    assert "预警" in page
    again = browser.post(path, data=told, files=files)
    assert "told=repeated" in again.headers["location"]
    assert stage.desk.store.task(task) == after
    digest = re.search(rf"/tasks/{task}/files/([0-9a-f]{{64}})", page)
    assert digest is not None
    kept = browser.get(digest[0])
    assert kept.content == PDF
    assert kept.headers["content-disposition"].startswith("attachment")
    assert kept.headers["x-content-type-options"] == "nosniff"
    assert stage.client("qian").get(digest[0]).status_code == 404


def test_what_is_wrong_is_said_at_its_field(stage: Stage) -> None:
    """A missing month and a percentage that is none come back with what was typed, in both languages."""
    task = _in_march(stage)
    for lang, words in (("zh", "“月份”必填"), ("en", "Month is required")):
        browser, path = stage.client("wang", lang), f"/tasks/{task}/acts/report"
        answer = browser.post(path, data={**_form(browser, path), "f.percent": "viel", "f.progress": "写了很多"})
        assert answer.status_code == 422
        assert words in answer.text
        assert 'value="viel"' in answer.text
        assert "写了很多" in answer.text


def test_a_stale_form_loses_nothing(stage: Stage) -> None:
    """What happened meanwhile is said, what was typed and uploaded is kept, and the second try goes through."""
    task = _in_march(stage)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "9", "f.progress": "长长的说明"}
    stage.act(task, "warn", OFFICE, reason="抓紧推进")
    stale = browser.post(path, data=told, files={"f.evidence": ("a.pdf", PDF, "application/pdf")})
    assert stale.status_code == 409
    assert "抓紧推进" in stale.text
    assert "长长的说明" in stale.text
    reference = re.search(r'name="k.evidence" value="([^"]*)"', stale.text)
    version = re.search(r'name="version" value="(\d+)"', stale.text)
    key = re.search(r'name="key" value="(\w+)"', stale.text)
    assert reference is not None
    assert version is not None
    assert key is not None
    kept = reference[1].replace("&#34;", '"')
    done = browser.post(path, data={**told, "version": version[1], "key": key[1], "k.evidence": kept})
    assert done.status_code == 303, done.text
    assert "a.pdf" in browser.get(f"/tasks/{task}").text


def test_a_reference_to_a_file_is_worth_nothing_to_others(stage: Stage) -> None:
    """A digest that somebody knows does not make another unit's file theirs."""
    task = _in_march(stage)
    digest = stage.desk.store.keep_file("geheim.pdf", PDF)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    forged = f'{"0" * 64}.["{digest}", "geheim.pdf"]'
    told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "3", "k.evidence": forged}
    assert browser.post(path, data=told).status_code == 303
    assert browser.get(f"/tasks/{task}/files/{digest}").status_code == 404


def test_the_office_enters_late_what_happened_before(stage: Stage) -> None:
    """With a reason; without one it is refused and the form stays as it was."""
    task = _in_march(stage)
    browser, path = stage.client("li"), f"/tasks/{task}/acts/warn"
    told = {**_form(browser, path), "f.reason": "口头预警", "occurred_at": "2022-02-20T10:00"}
    refused = browser.post(path, data=told)
    assert refused.status_code == 422
    assert "2022-02-20T10:00" in refused.text
    assert browser.post(path, data={**told, "reason": "当时出差"}).status_code == 303
    assert "当时出差" in browser.get(f"/tasks/{task}").text
    assert 'name="occurred_at"' not in stage.client("wang").get(f"/tasks/{task}/acts/report").text


def test_personal_values_are_taken_and_shown_on_their_task_alone(stage: Stage) -> None:
    """A form may set what the law protects: the page of the task shows it once, among the people, to those who work on
    it; no sentence of its history does, nor a list, nor a form.
    """
    task = _in_march(stage)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/change_team"
    told = {"f.leader": "张三丰", "f.department": "工程处", "f.staff": "李四光", "f.reason": "轮岗"}
    assert browser.post(path, data={**_form(browser, path), **told}).status_code == 303
    kept = stage.desk.store.task(task)
    assert kept is not None
    assert kept.fields["leader"] == "张三丰"
    for page, times in ((f"/tasks/{task}", 1), (f"/tasks/{task}?events=all", 1), (path, 0), ("/worklist", 0)):
        text = browser.get(page).text
        assert text.count("张三丰") == times, page
        assert text.count("李四光") == times, page
    assert "工程处" in browser.get(f"/tasks/{task}").text


def test_rows_units_and_choices_are_filled_in(stage: Stage) -> None:
    """A table field takes its rows, blank ones left out; units are chosen from those there are."""
    roads = stage.tasks["roads"]
    browser, path = stage.client("wang"), f"/tasks/{roads}/acts/divide"
    rows = {
        "f.shares.0.unit": "市公安局",
        "f.shares.0.duty": "交通导改",
        "f.shares.4.unit": "市自然资源局",
        "f.shares.4.duty": "用地",
    }
    assert browser.post(path, data={**_form(browser, path), **rows, "f.shares.2.unit": " "}).status_code == 303
    page = browser.get(f"/tasks/{roads}").text
    assert page.count("办理中") == 2
    child = stage.client("sun").get(f"/tasks/{roads}.assignment.1")
    assert child.status_code == 200
    assert stage.client("qian").get(f"/tasks/{roads}.assignment.1").status_code == 404
    office = stage.client("li")
    inspect = f"/tasks/{roads}/acts/inspect"
    told = {"f.scope": "spot", "f.means": "on_site", "f.findings": "属实"}
    assert "四不两直" in office.post(inspect, data={**_form(office, inspect), **told}).text
    assert office.post(inspect, data={**_form(office, inspect), **told, "f.unannounced": "true"}).status_code == 303


def test_the_reason_stands_beside_what_is_not_possible(stage: Stage) -> None:
    """An act of the wrong time says why; nobody is led into a form that cannot be sent without being told so."""
    task = _in_march(stage)
    page = stage.client("wang").get(f"/tasks/{task}").text
    assert "年度目标完成 100%" in page
    assert "请由市政府督考办操作" in page
    form = stage.client("wang").get(f"/tasks/{task}/acts/submit_completion")
    assert "年度目标完成 100%" in form.text


def _archive(*names: str) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


def test_harmful_files_are_refused_and_the_rest_is_kept(stage: Stage) -> None:
    """Macros, programs, wrong types, lies and empty files are named with the reason; the form stays filled in."""
    task = _in_march(stage)
    browser, path = stage.client("wang"), f"/tasks/{task}/acts/report"
    cases = {
        "a.docm": (_archive("word/document.xml"), "含有宏"),
        "b.docx": (_archive("word/document.xml", "word/vbaProject.bin"), "含有宏"),
        "c.pdf": (b"MZ not a pdf", "不符"),
        "d.exe": (b"MZ", "类型"),
        "e.xlsx": (_archive("word/document.xml"), "不符"),
        "f.png": (b"", "空文件"),
        "g.html": (b"<script>", "类型"),
    }
    for name, (content, words) in cases.items():
        told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "3", "f.progress": "说明"}
        answer = browser.post(path, data=told, files={"f.evidence": (name, content)})
        assert answer.status_code == 422, name
        assert words in answer.text, name
        assert "说明" in answer.text
    odd = browser.post(
        path,
        data={**_form(browser, path), "f.month": "2022-02", "f.percent": "3"},
        files={"f.evidence": ("../../etc/pass wd.pdf", PDF)},
    )
    assert odd.status_code == 303
    assert "etc" not in re.findall(r'/files/\w+">([^<]+)', browser.get(f"/tasks/{task}").text)[0]


@pytest.mark.parametrize(("lang", "said"), [("zh", "不得超过 100,000 个字"), ("en", "100,000 characters at most")])
@pytest.mark.parametrize("length", [MOST_TEXT + 1, 3 * 1024 * 1024])
def test_a_text_that_is_too_long_comes_back_with_its_form(stage: Stage, lang: str, said: str, length: int) -> None:
    """It is said beside its field, and all that was typed is there, however long; within the limit it is taken."""
    task = _in_march(stage)
    browser, path = stage.client("wang", lang), f"/tasks/{task}/acts/report"
    told = {**_form(browser, path), "f.month": "2022-02", "f.percent": "17.5", "f.progress": "长" * length}
    answer = browser.post(path, data=told, files={"f.evidence": ("证明.pdf", PDF)})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'id="f.progress-wrong"' in answer.text
    assert 'value="17.5"' in answer.text
    assert "长" * length in answer.text
    assert "证明.pdf" in answer.text
    assert browser.post(path, data={**told, "f.progress": "长" * MOST_TEXT}).status_code == 303


@pytest.mark.parametrize(
    ("unit", "code", "zh", "en"),
    [
        ("市公安据", "unit_misspelt", "单位名册中没有“市公安据”；是否想写“市公安局”？", "did you mean 市公安局?"),
        ("天文台", "unit_not_kept", "单位名册中没有“天文台”；请改正", "let an administrator enter the unit first"),
    ],
)
def test_an_act_names_only_units_that_are_kept(stage: Stage, unit: str, code: str, zh: str, en: str) -> None:
    """By the page, the API and the command line: nobody would ever see what is given to a unit that is not there. What
    was meant is proposed, beside the field, and nothing has happened.
    """
    roads = stage.tasks["roads"]
    before, path = stage.desk.store.task(roads), f"/tasks/{roads}/acts/divide"
    rows = {
        "f.shares.0.unit": "市公安局",
        "f.shares.0.duty": "导改",
        "f.shares.1.unit": unit,
        "f.shares.1.duty": "观星",
    }
    for lang, said in (("zh", zh), ("en", en)):
        browser = stage.client("wang", lang)
        page = browser.post(path, data={**_form(browser, path), **rows})
        assert page.status_code == 422
        assert said in page.text
        assert 'id="f.shares-wrong"' in page.text
        assert "观星" in page.text
    form = {"shares": [{"unit": unit, "duty": "观星"}]}
    answer = stage.client("wang").post(f"/api/v1{path}", json={"form": form}).json()
    assert (answer["code"], [each["at"] for each in answer["errors"]]) == (code, ["/form/shares"])
    actor = Actor("wang", ("lead",), ("市住房和城乡建设局",))
    refused = fire(stage.desk, Act(roads, "divide", form, actor))
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert stage.desk.store.task(roads) == before
