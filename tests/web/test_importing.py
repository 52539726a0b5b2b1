"""A list comes in by the page: what is wrong with it is shown at its cell, and it is registered whole, once, or not."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from fastapi.testclient import TestClient
from httpx import Response

from tests.web.stage import CITY, HOUSING, PROCESS, Stage
from workflows.cells import Unreadable, tables_apart

HEAD = ["项目名称", "年度目标", "牵头单位", "配合单位", "2022-03 计划进度"]
GOOD: list[list[object]] = [
    ["实施供热提升工程", "全部完成", CITY, "市公安局；市自然资源局", 20],
    ["新建公园", "十座", HOUSING, "", 10.5],
]


def workbook(rows: Sequence[Sequence[object]], *more: Sequence[Sequence[object]]) -> bytes:
    """A workbook with a sheet for each table; a text that begins with `=` is a formula whose saved value is 42."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    for table in (rows, *more):
        sheet = book.add_worksheet()
        for y, row in enumerate(table):
            for x, cell in enumerate(row):
                if isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(y, x, cell, None, 42)
                else:
                    sheet.write(y, x, cell)
    book.close()
    return out.getvalue()


def upload(browser: TestClient, content: bytes, name: str = "清单.xlsx", **told: str) -> Response:
    """Send a list to be looked at; the page to which that leads."""
    answer: Response = browser.post("/import", data={"process": PROCESS, **told}, files={"list": (name, content)})
    if answer.headers.get("location", "").startswith("/import/preview?"):
        answer = browser.get(answer.headers["location"])
    return answer


def taken(text: str) -> dict[str, str]:
    """What the preview asks to be sent back."""
    found = dict(re.findall(r'name="(taken|sign)" value="([^"]*)"', text))
    return {name: html.unescape(value) for name, value in found.items()}


def test_a_list_with_errors_then_without(stage: Stage) -> None:
    """Each fault stands at its cell, in words; nothing is registered until there is none, and then all of it is."""
    browser = stage.client("li")
    before = len(list(stage.desk.store.tasks(process=PROCESS)))
    bad: list[list[object]] = [
        ["", "全部完成", CITY, "", 20],
        ["新建公园", "十座", HOUSING, "", "很多"],
        ["实施燃气安全提升工程", "好", CITY, "", 1],
    ]
    answer = upload(browser, workbook([HEAD, *bad]))
    assert answer.status_code == 422
    assert "第 2 行“项目名称”" in answer.text
    assert "第 3 行“2022-03 计划进度”" in answer.text
    assert re.search(r'<td class="wrong-cell"><span[^>]*>此格有误 </span>很多</td>', answer.text)
    assert "全部登记" not in answer.text
    twin = upload(browser, workbook([HEAD, bad[2]]))
    assert twin.status_code == 422
    assert "第 2 行" in twin.text
    assert len(list(stage.desk.store.tasks(process=PROCESS))) == before
    english = upload(stage.client("li", "en"), workbook([HEAD, *bad]))
    assert "row 2" in english.text
    good = upload(browser, workbook([HEAD, *GOOD]))
    assert "共 2 项，没有错误" in good.text
    assert len(list(stage.desk.store.tasks(process=PROCESS))) == before
    done = browser.post("/import/register", data=taken(good.text))
    assert done.headers["location"] == f"/import?process={PROCESS}&done=2"
    assert "已登记 2 项" in browser.get(done.headers["location"]).text
    assert browser.post("/import/register", data=taken(good.text)).headers["location"] == done.headers["location"]
    found = {task.fields["title"]: task for task in stage.desk.store.tasks(process=PROCESS)}
    assert len(found) == before + 2
    assert found["实施供热提升工程"].fields["cooperating_units"] == ["市公安局", "市自然资源局"]
    assert found["新建公园"].milestones["2022-03"]["planned"] == "10.5"


def test_a_unit_that_nobody_keeps_is_a_fault_at_its_cell(stage: Stage) -> None:
    """A task of a misspelt unit would be seen by no unit at all: the name that was meant is proposed."""
    rows: list[list[object]] = [
        ["新建公园", "十座", "市城市管理据", "", 20],
        ["新建剧院", "一座", HOUSING, f"{CITY}；天文台", 20],
    ]
    text = upload(stage.client("li"), workbook([HEAD, *rows])).text
    assert f"单位名册中没有“市城市管理据”；是否想写“{CITY}”？" in text
    assert re.search(r'<td class="wrong-cell"><span[^>]*>此格有误 </span>市城市管理据</td>', text)
    assert "单位名册中没有“天文台”；请改正，或先由管理员登记该单位。" in text
    assert re.search(rf'<td class="wrong-cell"><span[^>]*>此格有误 </span>{CITY}；天文台</td>', text)


def test_only_what_was_looked_at_is_registered(stage: Stage) -> None:
    """A page of another file, of another person, or with a changed word registers nothing."""
    browser = stage.client("li")
    told = taken(upload(browser, workbook([HEAD, *GOOD])).text)
    forged = {**told, "taken": told["taken"].replace("清单", "别的")}
    assert browser.post("/import/register", data=forged).status_code == 409
    assert stage.client("zhao").post("/import/register", data=told).status_code == 409
    assert "import" not in stage.client("wang").post("/import/register", data=told).headers.get("location", "")
    assert stage.client("wang").post("/import/register", data=told).status_code in (404, 409)
    assert len(list(stage.desk.store.tasks(process=PROCESS))) == 3


def test_one_comes_back_to_a_preview_without_sending_it_again(stage: Stage) -> None:
    """It has an address, with faults or without, for whoever sent the list and for nobody else."""
    browser = stage.client("li")
    for rows in (GOOD, [["", "全部完成", CITY, "", 20]]):
        file = {"list": ("清单.xlsx", workbook([HEAD, *rows]))}
        place = browser.post("/import", data={"process": PROCESS}, files=file).headers["location"]
        first = browser.get(place)
        assert first.text == browser.get(place).text
        assert ("全部登记" in first.text) == (rows is GOOD)
        assert stage.client("zhao").get(place).status_code == 409
        assert browser.get(place[:-1] + ("0" if place[-1] != "0" else "1")).status_code == 409
        assert stage.client("wang").get(place).status_code == 409


def test_who_may_not_register_is_offered_nothing(stage: Stage) -> None:
    """A lead unit finds no process here, and its list is not looked at."""
    browser = stage.client("wang")
    assert "没有您可以登记事项的流程" in browser.get("/import").text
    assert upload(browser, workbook([HEAD, *GOOD])).status_code == 404
    assert browser.get(f"/import/{PROCESS}/list.xlsx").status_code == 404


def test_a_large_list_is_a_job(stage: Stage) -> None:
    """More than two hundred tasks are registered by a job, once however often it is asked for."""
    browser = stage.client("li")
    rows = [[f"项目{n}", "完成", HOUSING, "", 5] for n in range(201)]
    told = taken(upload(browser, workbook([HEAD, *rows])).text)
    asked = browser.post("/import/register", data=told).headers["location"]
    assert asked.startswith("/jobs/import-")
    assert browser.post("/import/register", data=told).headers["location"] == asked
    assert "等待运行" in browser.get(asked).text
    stage.work()
    page = browser.get(asked).text
    assert "已完成" in page
    assert "201 / 201" in page
    assert len(list(stage.desk.store.tasks(process=PROCESS))) == 204
    assert stage.client("wang").get(asked).status_code == 404


def test_a_long_list_is_looked_through_by_a_job(stage: Stage) -> None:
    """More than a thousand rows: its progress shows, then what was found; it is registered as it was seen."""
    browser = stage.client("li")
    rows = [[f"项目{n}", "完成", HOUSING, "", 5] for n in range(1_001)]
    asked = upload(browser, workbook([HEAD, *rows])).headers["location"]
    assert asked.startswith("/jobs/look-")
    assert "预览“清单.xlsx”" in browser.get(asked).text
    stage.work()
    found = browser.get(asked).headers["location"]
    assert found == f"/import/looked/{asked.removeprefix('/jobs/')}"
    page = browser.get(found).text
    assert "1001" in page
    assert stage.client("wang").get(found).status_code == 404
    registered = browser.post("/import/register", data=taken(page)).headers["location"]
    assert registered.startswith("/jobs/import-")
    stage.work()
    assert len(list(stage.desk.store.tasks(process=PROCESS))) == 1_004


def test_what_a_job_finds_in_a_long_list_stands_at_its_cell(stage: Stage) -> None:
    """A cell that cannot be read, and a row that the definition refuses; nothing can be registered then."""
    browser = stage.client("li")
    good: list[list[object]] = [[f"项目{n}", "完成", HOUSING, "", 5] for n in range(1_001)]
    for wrong, said in (([*good, ["新", "完成", HOUSING, "", "很多"]], "很多"), ([*good, good[0]], "项目0")):
        asked = upload(browser, workbook([HEAD, *wrong])).headers["location"]
        stage.work()
        answer = browser.get(browser.get(asked).headers["location"])
        assert answer.status_code == 422
        assert 'href="#row-1003"' in answer.text
        assert said in answer.text
        assert not taken(answer.text)


def test_an_empty_list_can_be_filled_in_and_sent(stage: Stage) -> None:
    """The empty list has the definition's columns, in the language; filled in, it is a list. A sheet explains them."""
    for lang, title, needed in (("zh", "项目名称", "必填"), ("en", "Project", "Required")):
        browser = stage.client("li", lang)
        blank = browser.get(f"/import/{PROCESS}/list.xlsx")
        tables = tables_apart("blank.xlsx", blank.content)
        heads = list(tables[0][0])
        assert heads[0] == title
        explained = {row[0]: row for row in tables[-1][1:]}
        assert list(tables[-1][0])[2] == needed
        assert set(heads) <= set(explained)
        assert explained[heads[0]][2] in ("是", "yes")
        row = {heads[0]: f"新项目 {lang}", heads[2]: "完成", heads[4]: HOUSING}
        filled = [[*heads], [row.get(head, "") for head in heads]]
        plan = [list(tables[1][0]), [1, "2022-05", "封顶", 50]]
        assert taken(upload(browser, workbook(filled, plan, tables[-1])).text)
        plain = browser.get(f"/import/{PROCESS}/list.csv").content.decode("utf-8-sig")
        assert plain.strip().split(",") == heads
    under_way = stage.client("li").get(f"/import/{PROCESS}/list.csv?opening=true").content.decode("utf-8-sig")
    assert "状态" in under_way
    assert "期限：" in under_way


def test_tasks_under_way_enter_by_the_page(stage: Stage) -> None:
    """A list with states enters them at their states."""
    head = ["项目名称", "年度目标", "牵头单位", "状态", "依据"]
    answer = upload(stage.client("li"), workbook([head, ["老项目", "完成", HOUSING, "推进中", "台账"]]), opening="1")
    done = stage.client("li").post("/import/register", data=taken(answer.text))
    assert done.status_code == 303
    assert [task.state for task in stage.desk.store.tasks(process=PROCESS) if task.fields["title"] == "老项目"] == [
        "in_progress"
    ]


def test_a_formula_is_its_saved_value_and_in_text_a_text(stage: Stage) -> None:
    """No formula is run: a workbook's is read as what was saved with it, a CSV's is text."""
    answer = upload(stage.client("li"), workbook([HEAD, ["=HYPERLINK(1)", "完成", HOUSING, "", "=20+22"]]))
    assert taken(answer.text)
    assert "<td>42</td>" in answer.text
    plain = ",".join(HEAD) + f"\n=1+1,完成,{HOUSING},,5\n"
    assert "<td>=1+1</td>" in upload(stage.client("li"), plain.encode(), "a.csv").text


def test_what_the_law_protects_is_not_shown_in_the_preview(stage: Stage) -> None:
    """A personal column is taken and hidden."""
    rows: list[list[object]] = [[*HEAD, "责任领导"], [*GOOD[0], "张三丰"]]
    answer = upload(stage.client("li"), workbook(rows))
    assert taken(answer.text)
    assert "张三丰" not in answer.text


def _bomb() -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        for n in range(6):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", b" " * 100_000_000)
    return made.getvalue()


def test_attacks_are_refused_and_said(stage: Stage) -> None:
    """Bombs, macros, lies, wrong types and far-away cells register nothing and break nothing."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "项目名称")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    browser = stage.client("li")
    cases = {
        "bomb.xlsx": (_bomb(), "压缩内容过大"),
        "far.xlsx": (out.getvalue(), "无法读取"),
        "macro.xlsm": (workbook([HEAD]), "含有宏"),
        "lies.xlsx": (b"PK\x03\x04 no", "不符"),
        "list.pdf": (b"%PDF-1.7", "须是 .xlsx 或 .csv"),
        "empty.csv": (b"", "空文件"),
        "../../etc/passwd": (b"root", "不是可以接收的类型"),
        "nul.csv": (b"a,\x00b", "不符"),
    }
    for name, (content, words) in cases.items():
        answer = upload(browser, content, name)
        assert answer.status_code == 422, name
        assert words in answer.text, name
    assert len(list(stage.desk.store.tasks(process=PROCESS))) == 3


def test_a_sheet_of_billions_of_cells_dies_apart() -> None:
    """What would take all memory ends the child that reads it, not the server."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write(1_048_575, 16_383, "x")
    book.close()
    with pytest.raises(Unreadable):
        tables_apart("far.xlsx", out.getvalue())
