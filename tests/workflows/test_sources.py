"""Lists are read as offices keep them, and every bad cell is named by its row and column."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from engine.model import Body
from tests.engine.stage import edition
from workflows.cells import NoList
from workflows.listing import read_list
from workflows.office.importing import columns
from workflows.office.lists import read
from workflows.sheets import Head, xlsx
from workflows.sources import UnknownCalendar, calendar_named, load_process

PROMISES = Path(__file__).with_name("data") / "promises"
HEADINGS = ["项目名称", "lead_unit", "Grade", "until", "2022-02 planned", "2022年3月 计划进度"]
ROW = ["路灯", "市城管局", "urgent", "2022-12-25", "10", "30.5"]
KEPT = {"title": "路灯", "lead_unit": "市城管局", "grade": "urgent", "until": "2022-12-25"}
PLAN = {"2022-02": {"planned": "10"}, "2022-03": {"planned": "30.5"}}


@pytest.fixture(scope="module")
def body() -> Body:
    edition = load_process(PROMISES / "process.yaml").edition
    assert edition is not None
    return edition.process


def _csv(folder: Path, *rows: Sequence[str], encoding: str = "utf-8-sig") -> Path:
    path = folder / "list.csv"
    path.write_text("".join(",".join(row) + "\n" for row in rows), encoding=encoding)
    return path


def _xlsx(folder: Path, *sheets: Any) -> Path:
    path = folder / "list.xlsx"
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_columns_go_by_name_or_by_title_in_either_language(tmp_path: Path, body: Body, encoding: str) -> None:
    found = read_list(_csv(tmp_path, HEADINGS, ROW, encoding=encoding), body)
    assert found.problems == []
    assert [(row.row, row.fields, row.milestones) for row in found.rows] == [(2, KEPT, PLAN)]


def test_a_workbook_reads_as_the_same_list(tmp_path: Path, body: Body) -> None:
    """Numbers with a fraction and dates of the spreadsheet are what people see in it."""
    cells = ["路灯", "市城管局", "urgent", date(2022, 12, 25), 10.0, 30.5]
    found = read_list(_xlsx(tmp_path, [HEADINGS, cells, [], cells]), body)
    assert found.problems == []
    assert [(row.row, row.fields, row.milestones) for row in found.rows] == [(2, KEPT, PLAN), (4, KEPT, PLAN)]


def test_a_second_sheet_has_the_milestones(tmp_path: Path, body: Body) -> None:
    plan = [["序号", "月份", "计划进度", "节点目标"], [1, "2022-02", 10, "立项"], [1, "2022-03", 30.5, ""]]
    found = read_list(_xlsx(tmp_path, [HEADINGS[:4], ROW[:4]], plan), body)
    assert found.problems == []
    assert found.rows[0].milestones == {"2022-02": {"planned": "10", "target": "立项"}, "2022-03": {"planned": "30.5"}}


def test_every_bad_cell_is_told_at_once_by_row_and_column(tmp_path: Path, body: Body) -> None:
    bad = ["", "市城管局", "slow", "25.12.2022", "ten", "30"]
    found = read_list(_csv(tmp_path, HEADINGS, ROW, bad, ROW), body)
    assert [(problem.row, problem.column) for problem in found.problems] == [
        (3, "Grade"),
        (3, "until"),
        (3, "2022-02 planned"),
        (3, "项目名称"),
    ]
    assert [row.row for row in found.rows] == [2, 4], "the bad row is left out, the others keep their numbers"
    assert found.problems[3].text("zh") == "第 3 行“项目名称”：“项目名称”必填"
    assert found.problems[2].text("en") == "row 3, 2022-02 planned: 'ten' is not a number such as 1234.5"


def test_an_unknown_column_is_told_and_the_list_is_not_used(tmp_path: Path, body: Body) -> None:
    found = read_list(_csv(tmp_path, [*HEADINGS, "牵头单立"], [*ROW, "x"]), body)
    assert [(problem.row, problem.column, problem.message.zh) for problem in found.problems] == [
        (1, "牵头单立", "没有这一列，是否为“牵头单位”")
    ]
    assert found.rows == []


def test_a_plan_of_no_task_is_told(tmp_path: Path, body: Body) -> None:
    plan = [["序号", "月份", "计划进度"], [2, "2022-02", 10], [1, "spring", 10]]
    found = read_list(_xlsx(tmp_path, [HEADINGS[:4], ROW[:4]], plan), body)
    assert [(problem.row, problem.column) for problem in found.problems] == [(2, "task"), (3, "month")]
    assert found.problems[1].text("en") == "sheet 2, row 3, month: 'spring' is not the key of a milestone"
    assert found.problems[1].text("zh").startswith("第 2 张表第 3 行")
    assert [row.row for row in found.rows] == [2], "the rows of the first sheet are counted for themselves"


def test_another_kind_of_file_is_no_list(tmp_path: Path, body: Body) -> None:
    path = tmp_path / "list.pdf"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"\.csv or \.xlsx"):
        read_list(path, body)


def test_calendars_come_by_name() -> None:
    assert calendar_named("cn").name == "cn"
    with pytest.raises(UnknownCalendar) as caught:
        calendar_named("mars")
    assert "us-federal" in caught.value.known


def test_a_definition_loads_from_its_folder_or_its_file() -> None:
    folder, file = load_process(PROMISES), load_process(PROMISES / "process.yaml")
    assert folder.edition is not None
    assert file.edition is not None
    assert folder.edition.digest == file.edition.digest


@pytest.mark.parametrize(("encoding", "mark"), [("utf-16", "\t"), ("utf-16", ","), ("utf-8", ";"), ("gb18030", "\t")])
def test_what_spreadsheets_save_as_text_is_read(tmp_path: Path, body: Body, encoding: str, mark: str) -> None:
    """A spreadsheet saves its "Unicode text" in UTF-16 with tabs; semicolons are what other countries have."""
    path = tmp_path / "list.csv"
    path.write_text("".join(mark.join(row) + "\n" for row in (HEADINGS, ROW)), encoding=encoding)
    found = read_list(path, body)
    assert (found.problems, [row.fields for row in found.rows]) == ([], [KEPT])


def test_bytes_in_no_known_encoding_are_refused_in_words(tmp_path: Path, body: Body) -> None:
    (tmp_path / "list.csv").write_bytes(b"\x81\xff\xff")
    with pytest.raises(NoList) as told:
        read_list(tmp_path / "list.csv", body)
    assert told.value.text == ("编码不是 UTF-8 也不是 GBK", "it is neither UTF-8 nor GBK")


def test_a_title_above_the_headings_is_passed_over_and_rows_keep_their_numbers(tmp_path: Path, body: Body) -> None:
    """Lists of offices begin with a title over all columns; the row of the headings is then not the first."""
    bad = [*ROW[:3], "someday", *ROW[4:]]
    found = read_list(_xlsx(tmp_path, [["2022年重点工作清单"], [], HEADINGS, ROW, bad]), body)
    assert [(row.row, row.fields) for row in found.rows] == [(4, KEPT)]
    assert [(problem.row, problem.column) for problem in found.problems] == [(5, "until")]
    found = read_list(_xlsx(tmp_path, [["2022年重点工作清单"], [*HEADINGS, "colour"], ROW]), body)
    assert found.rows == []
    assert [(problem.row, problem.column) for problem in found.problems] == [(2, "colour")]


def test_digits_of_full_width_are_digits(tmp_path: Path, body: Body) -> None:
    row = [*ROW[:3], "２０２２－１２－２５", "１０％", "３０．５"]
    found = read_list(_csv(tmp_path, HEADINGS, row), body)
    assert (found.problems, [(row.fields, row.milestones) for row in found.rows]) == ([], [(KEPT, PLAN)])


def test_a_cell_without_a_heading_is_not_lost_in_silence(tmp_path: Path, body: Body) -> None:
    """Beyond the last heading, or under an empty one."""
    found = read_list(_csv(tmp_path, HEADINGS, [*ROW, "急"]), body)
    assert [(problem.row, problem.column) for problem in found.problems] == [(2, "急")]
    found = read_list(_xlsx(tmp_path, [[*HEADINGS, ""], [*ROW, "急"]]), body)
    assert [(problem.row, problem.column) for problem in found.problems] == [(2, "急")]


@pytest.mark.parametrize("share", [0.125, 0.99])
def test_a_share_that_may_be_a_hundredfold_is_asked_about(tmp_path: Path, body: Body, share: float) -> None:
    """A cell that shows 12.5 % holds 0.125; nobody can tell it from an eighth of a percent, so nobody guesses."""
    found = read_list(_xlsx(tmp_path, [HEADINGS, [*ROW[:4], share, 30.5]]), body)
    assert [(problem.row, problem.column) for problem in found.problems] == [(2, "2022-02 planned")]
    assert found.rows == []
    whole = read_list(_xlsx(tmp_path, [HEADINGS, [*ROW[:4], f"{share * 100}%", 30.5]]), body)
    assert whole.rows[0].milestones["2022-02"] == {"planned": f"{share * 100:g}"}


UPPER = ["项目名称", "责任", "", "until", "2022-02", ""]
LOWER = ["", "牵头单位", "Grade", "", "planned", "节点目标"]
MERGED = ["路灯", "市城管局", "urgent", "2022-12-25", "10", "立项"]
MERGED_PLAN = {"2022-02": {"planned": "10", "target": "立项"}}


def _merged(folder: Path, *rows: Sequence[Any]) -> Path:
    """A workbook whose headings are really merged: over two columns, or over two rows."""
    path = folder / "merged.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 5, "2022年重点工作清单")
        for first, last, word in ((1, 2, "责任"), (4, 5, "2022-02")):
            sheet.merge_range(1, first, 1, last, word)
        for column, word in ((0, "项目名称"), (3, "until")):
            sheet.merge_range(1, column, 2, column, word)
        for column, word in enumerate(LOWER):
            if word:
                sheet.write(2, column, word)
        for number, row in enumerate(rows, 3):
            sheet.write_row(number, 0, row)
    return path


def test_headings_in_two_merged_rows_are_read_and_rows_keep_their_numbers(tmp_path: Path, body: Body) -> None:
    """Under the title of the list “责任” stands over two columns, a milestone's key over two of its fields."""
    bad = [*MERGED[:4], "ten", ""]
    found = read_list(_merged(tmp_path, MERGED, bad), body)
    assert [(row.row, row.fields, row.milestones) for row in found.rows] == [(4, KEPT, MERGED_PLAN)]
    assert [(problem.row, problem.column) for problem in found.problems] == [(5, "2022-02 planned")]
    told = read_list(_csv(tmp_path, ["2022年重点工作清单"], UPPER, LOWER, MERGED), body)
    assert (told.problems, [row.row for row in told.rows]) == ([], [4])


def test_a_word_that_a_program_repeats_in_each_merged_cell_is_one_heading(tmp_path: Path, body: Body) -> None:
    upper = ["项目名称", "责任", "责任", "until", "2022-02", "2022-02"]
    lower = ["项目名称", "牵头单位", "Grade", "until", "planned", "节点目标"]
    found = read_list(_csv(tmp_path, upper, lower, MERGED), body)
    assert (found.problems, [(row.fields, row.milestones) for row in found.rows]) == ([], [(KEPT, MERGED_PLAN)])


def test_a_column_is_named_by_both_words_where_the_lower_one_stands_twice(tmp_path: Path, body: Body) -> None:
    """“planned” of two months; and a lower word that completes the upper one: 牵头 under 单位."""
    upper = ["项目名称", "单位", "", "until", "2022-02", "", "2022-03", ""]
    lower = ["", "牵头", "Grade", "", "planned", "节点目标", "planned", "节点目标"]
    found = read_list(_csv(tmp_path, upper, lower, [*MERGED[:5], "", "30.5", ""]), body)
    assert (found.problems, [(row.fields, row.milestones) for row in found.rows]) == ([], [(KEPT, PLAN)])


def test_an_unknown_column_of_two_rows_is_told_at_its_cell(tmp_path: Path, body: Body) -> None:
    upper, lower = [*UPPER, "备查"], [*LOWER[:2], "牵头单立", *LOWER[3:]]
    found = read_list(_csv(tmp_path, upper, lower, MERGED), body)
    assert [(problem.row, problem.column) for problem in found.problems] == [(1, "备查"), (2, "责任 牵头单立")]
    assert found.rows == []


@pytest.mark.parametrize(
    "row",
    [MERGED[:2], ["", "市城管局"], ["路灯", "市城管局", "urgent", "", "", ""]],
)
def test_a_row_with_a_task_is_no_second_row_of_headings(tmp_path: Path, body: Body, row: list[str]) -> None:
    """A column without a heading does not make the first task a heading."""
    found = read_list(_csv(tmp_path, ["项目名称", "lead_unit", "", "until", "", ""], row, ROW[:4]), body)
    assert {problem.row for problem in found.problems} >= {3}
    assert 2 in {problem.row for problem in found.problems} | {each.row for each in found.rows}


def test_a_list_that_went_out_with_merged_headings_comes_in_again(tmp_path: Path, body: Body) -> None:
    units, node = [("责任", "牵头单位"), ("责任", "Grade")], [("2022-02", "planned"), ("2022-02", "节点目标")]
    head: list[Head] = ["项目名称", *units, "until", *node]
    path = tmp_path / "list.xlsx"
    path.write_bytes(xlsx("清单", head, [MERGED]))
    found = read_list(path, body)
    assert (found.problems, [(row.row, row.fields) for row in found.rows]) == ([], [(3, KEPT)])
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert set(re.findall(r'mergeCell ref="([A-F0-9:]+)"', sheet)) == {"A1:A2", "B1:C1", "D1:D2", "E1:F1"}
    assert 'autoFilter ref="A2:F3"' in sheet


WRITTEN = {
    "fields": {"title": {"type": "text"}, "used": {"type": "integer", "default": 0, "written_by": "transitions"}},
    "states": {"open": {"initial": True}, "shut": {"final": True}},
    "transitions": [{"trigger": "use", "from": "open", "by": "office", "to": "shut", "set": {"used": "3"}}],
}


def test_what_transitions_alone_write_is_not_for_a_list_to_fill_in(tmp_path: Path) -> None:
    """A blank cell and what would be there anyway are taken; anything else is told at its cell, with who writes it."""
    made = edition(WRITTEN).process
    found = read_list(_csv(tmp_path, ["title", "used"], ["路灯", ""], ["井盖", "0"], ["围墙", "5"]), made)
    assert [(each.row, each.column) for each in found.problems] == [(4, "used")]
    assert found.problems[0].message.zh == "登记时不填，请清空；由“use”写入"
    assert [row.fields for row in found.rows][:2] == [{"title": "路灯"}, {"title": "井盖", "used": 0}]


def test_a_list_of_tasks_under_way_states_what_transitions_wrote(tmp_path: Path) -> None:
    """As it states the state; and so its empty list has the column, which that of new tasks has not."""
    made = edition(WRITTEN).process
    found = read(_csv(tmp_path, ["title", "state", "used"], ["路灯", "open", "5"]), made, opening=True)
    assert not found.problems
    assert found.rows[0].fields["used"] == 5
    assert "used" in columns(made, opening=True)
    assert "used" not in columns(made, opening=False)
