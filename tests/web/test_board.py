"""The board: what it counts and shows, to whom, and what goes out as a file."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from tests.web.stage import CITY, HOUSING, OFFICE, PROCESS, Stage, at, underway
from web.render import stacked
from workflows.office.registering import register
from workflows.rows import Row
from workflows.sheets import table, xlsx

ROADS, HOMES, GAS = "实施8条道路改扩建工程", "实施10万户老旧小区改造", "实施燃气安全提升工程"


def _shown(stage: Stage, user: str, query: str = "", page: str = "/board") -> set[str]:
    text = stage.client(user).get(f"{page}?{query}").text
    return {title for title in (ROADS, HOMES, GAS) if f">{title}</a>" in text or f'title">{title}<' in text}


@pytest.mark.parametrize("page", ["/board", "/board/wall"])
def test_everybody_sees_the_tasks_in_their_scope_and_counts_of_them_alone(stage: Stage, page: str) -> None:
    """The office and auditors all of them, a lead unit its own, a partner those that name it, others none."""
    for user in ("li", "zhou", "wu", "admin"):
        assert _shown(stage, user, page=page) == {ROADS, HOMES, GAS}
    assert _shown(stage, "wang", page=page) == {ROADS, HOMES}
    assert _shown(stage, "qian", page=page) == {GAS}
    assert _shown(stage, "sun", page=page) == {ROADS}
    assert _shown(stage, "nobody", page=page) == set()
    assert '<strong class="num">1</strong>' in stage.client("qian").get(page).text
    assert HOUSING not in stage.client("qian").get(page).text


def test_no_filter_order_or_view_widens_what_is_seen(stage: Stage) -> None:
    """Whatever stands in the address, another unit's task is not there."""
    tasks = stage.tasks
    queries = [
        f"unit={HOUSING}", "q=%25", "q=_", "q='%20OR%201=1--", "state=planned", "signal=green", "sort=unit&group=unit",
        f"process={PROCESS}&heading=", "show=cards", "at=2022-01-20", "at=2022-01-20&show=cards", "page=2", "open=yes",
        f"q={tasks['homes']}", f"programme={tasks['homes']}", "sort=id;DROP%20TABLE%20tasks&group=x&down=9",
    ]  # fmt: skip
    for query in queries:
        assert _shown(stage, "qian", query) <= {GAS}
        text = stage.client("qian").get(f"/board/export?{query}&format=csv").content.decode("utf-8-sig")
        assert HOMES not in text
        assert tasks["homes"] not in text
    assert HOMES not in _parts(stage.client("qian").get("/board/export").content)


def _parts(content: bytes) -> str:
    with ZipFile(BytesIO(content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def test_the_board_filters_sorts_and_groups(stage: Stage) -> None:
    """By each of its parts; what is not there gives an empty board, a page beyond the last one the last."""
    underway(stage, "homes")
    assert _shown(stage, "li", "state=in_progress") == {HOMES}
    assert _shown(stage, "li", f"unit={CITY}") == {GAS}
    assert _shown(stage, "li", "q=小区") == {HOMES}
    assert _shown(stage, "li", "open=no") == set()
    assert _shown(stage, "li", "signal=red") == set()
    assert _shown(stage, "li", "page=999999") == {ROADS, HOMES, GAS}
    for page in ("0", "-1", "x", "1e9", "99999999999999999999"):
        assert stage.client("li").get(f"/board?page={page}").status_code == 200
    text = stage.client("li").get("/board?sort=title&group=unit").text
    assert text.index(f'scope="rowgroup">{HOUSING}') < text.index(f'scope="rowgroup">{CITY}')
    assert text.index(ROADS) > text.index(HOMES)


def test_the_board_of_an_earlier_day_shows_how_things_stood(stage: Stage) -> None:
    """The state of that day, for reading only; nothing before the tasks were there."""
    stage.clock.move(at("2022-02-10 09:00"))
    underway(stage, "homes")
    now, then = (stage.client("li").get(f"/board?q=小区&at={day}").text for day in ("", "2022-02-01"))
    assert "推进中</span>" in now
    assert "待启动</span>" in then
    assert _shown(stage, "li", "at=2021-01-01") == set()
    for day in ("9999-12-31", "0001-01-01", "nonsense", "2022-02-31"):
        assert stage.client("li").get(f"/board?at={day}").status_code == 200


def test_cards_stand_under_the_states_of_the_definition(stage: Stage) -> None:
    underway(stage, "homes")
    text = stage.client("li").get(f"/board?process={PROCESS}&show=cards").text
    lane = text[text.index('aria-label="推进中"') :]
    assert HOMES in lane[: lane.index("</section>")]
    assert 'aria-label="办结销号"' in text


def test_a_view_is_saved_for_oneself_opened_and_forgotten(stage: Stage) -> None:
    """Only what an address of the board can say is kept, and nobody sees or drops another's."""
    li, wang = stage.client("li"), stage.client("wang")
    saved = li.post("/board/views", data={"name": "城管", "query": f"unit={CITY}&evil=<script>&page=3"})
    assert saved.status_code == 303
    (view,) = stage.house.lists.views("li", "board")
    assert "evil" not in view.query
    assert "page" not in view.query
    assert _shown(stage, "li", view.query) == {GAS}
    assert "城管</a>" in li.get("/board").text
    assert "城管</a>" not in wang.get("/board").text
    wang.post(f"/board/views/{view.id}/delete")
    assert stage.house.lists.views("li", "board") == [view]
    assert li.post(f"/board/views/{10**30}/delete").status_code == 303, "a number that no database has"
    li.post(f"/board/views/{view.id}/delete")
    assert stage.house.lists.views("li", "board") == []


EVIL = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1+1", "＠SUM(1)")


def test_a_file_holds_what_the_board_shows_and_never_a_formula(stage: Stage) -> None:
    """What begins like a formula stays text; nothing personal goes out."""
    rows = [Row(n, {"title": title, "annual_target": "全部完成", "lead_unit": CITY}) for n, title in enumerate(EVIL, 1)]
    assert isinstance(register(stage.desk, PROCESS, rows, OFFICE), list)
    underway(stage, "homes")
    content = stage.client("li").get("/board/export?sort=task").content
    assert "<f>" not in _parts(content)
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert {str(row[1]).strip() for row in sheet[1:]} >= {ROADS, HOMES, GAS, *(evil.strip() for evil in EVIL)}
    assert {"甲", "乙"}.isdisjoint(cell for row in sheet for cell in row)
    plain = stage.client("li").get("/board/export?format=csv").content
    told = list(csv.reader(StringIO(plain.decode("utf-8-sig"))))
    assert told[0][-3:] == ["下一时限 内容", "下一时限 期限", "下一时限 余量"]
    assert [row[-3:] for row in sheet[:2]] == [["下一时限", "", ""], ["内容", "期限", "余量"]]
    assert len(told) == len(sheet) - 1, "the head of a workbook has two rows, merged"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "＝", "＠")) for row in told for cell in row)
    name = stage.client("li").get("/board/export").headers["content-disposition"]
    assert name.startswith("attachment; filename*=UTF-8''")


def test_odd_cells_make_no_broken_file() -> None:
    """Control characters, cells that are too long, no rows at all."""
    content = xlsx("[a]:*?/\\b" * 9, ["一"], [["\x00\x0b"], ["x" * 40_000], [None], [3], [-4.5]])
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert len(str(sheet[2][0])) == 32_767
    assert [row[0] for row in sheet[4:]] == [3, -4.5]
    assert CalamineWorkbook.from_filelike(BytesIO(xlsx("x", ["a"], []))).get_sheet_by_index(0).to_python() == [["a"]]
    assert table(["a"], [[-4.5], ["-x"]]).decode("utf-8-sig").split() == ["a", "-4.5", "'-x"]


def test_a_bar_is_stacked_to_its_share_and_its_names_are_escaped() -> None:
    """Of the longest, which counts 8: a red quarter, then a half without a light."""
    drawn = stacked([("red", 2), ("", 4)], 8)
    assert 'class="part part-red" x="0.0" width="250.0"' in drawn
    assert 'class="part part-none" x="250.0" width="500.0"' in drawn
    assert "<b>" not in stacked([('"><b>', 1)], 1)
