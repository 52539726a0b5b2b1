"""信函格式, 纪要格式 and the marks of the head, measured on the printed page (GB/T 9704-2012, 7.2 and 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from documents.press import Press
from tests.documents.ink import Band, bands, converted, words
from tests.documents.test_layout import FACTS, ORGAN
from tools.make_templates import build

MARKED = {"copy_number": "000001", "secrecy": "秘密★1年", "urgency": "特急"}
PRESENT = [
    {
        "label": "出席",
        "names": "市督查室有关负责同志，市水务局主要负责同志，市住房和城乡建设局分管负责同志",
    },
    {"label": "记录", "names": "市督查室"},
]
TASKS = [
    {
        "id": f"x-{number}", "title": f"事项{number}", "unit": "水务局", "others": ["发改局", "财政局"], "ended": False,
        "state_title": "推进中", "fields": {"percent": 40},
    }
    for number in range(40)
]  # fmt: skip


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    made = Press()
    yield made
    made.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pdf")


def printed(press: Press, kind: str, folder: Path, **facts: Any) -> Path:
    place = folder / kind
    place.mkdir()
    return converted(press.render(build(kind, len(ORGAN)), {**FACTS, **facts}), place)


@pytest.fixture(scope="module")
def letter(press: Press, folder: Path) -> Path:
    return printed(press, "reminder-slip", folder)


@pytest.fixture(scope="module")
def red(letter: Path) -> list[Band]:
    """Organ, thick line, thin line; thin line, thick line."""
    return bands(letter, 1, red=True)


def test_the_organ_of_a_letter_is_30_mm_down_and_its_line_4_mm_below(red: list[Band]) -> None:
    organ, line = red[0], red[1]
    assert organ.top == pytest.approx(30, abs=0.7)
    assert line.top - organ.bottom == pytest.approx(4, abs=0.5)


def test_a_letter_has_two_double_lines_of_170_mm_in_the_middle_of_the_page(red: list[Band]) -> None:
    """Thick over thin above, thin over thick 20 mm from the lower edge."""
    assert len(red) == 5
    for line in red[1:]:
        assert line.wide == pytest.approx(170, abs=0.4)
        assert (line.left + line.right) / 2 == pytest.approx(105, abs=0.3)
    above, below = red[1:3], red[3:]
    assert above[0].tall > 2 * above[1].tall
    assert below[1].tall > 2 * below[0].tall
    assert 297 - below[1].bottom == pytest.approx(20, abs=0.3)
    for upper, lower in (above, below):
        assert lower.top - upper.bottom == pytest.approx(0.53, abs=0.12)


def test_the_number_of_a_letter_stands_at_the_right_seven_eighths_of_a_character_below(
    letter: Path, red: list[Band]
) -> None:
    number = bands(letter, 1, red=False)[0]
    assert number.right == pytest.approx(184, abs=1.2), "the last character ends at the type area"
    assert number.left > 120
    assert number.top - red[2].bottom == pytest.approx(7 / 8 * 16 * 25.4 / 72, abs=1)
    assert "大政督改〔2022〕1号" in re.sub(r"\s", "", words(letter)[0])


def test_the_first_page_of_a_letter_has_no_number_and_its_colophon_only_copies(letter: Path) -> None:
    pages = [re.sub(r"\s", "", page) for page in words(letter)]
    assert len(pages) > 1
    assert "—1—" not in pages[0]
    assert all(f"—{number}—" in page for number, page in enumerate(pages[1:], 2))
    assert "抄送：分管市领导。" in pages[-1]
    assert "印发" not in "".join(pages)
    assert not any(band.wide > 100 and band.tall < 1 for band in bands(letter, len(pages), red=False)), "no lines"
    lines = [
        line.strip() for line in words(letter)[1].splitlines() if re.fullmatch("[一二三四五六七八九十]+", line.strip())
    ]
    assert {len(line) for line in lines[:-1]} == {28}


def marks_of(docx: bytes) -> list[str]:
    body = Document(BytesIO(docx)).element.body
    boxes = [box for box in body.iter(qn("wp:anchor")) if box.find(qn("wp:docPr")).get("name") == "marks"]
    found = ["".join(text.text for text in each.iter(qn("w:t"))) for box in boxes for each in box.iter(qn("w:p"))]
    return [text for text in found if text]


@pytest.mark.parametrize("kind", ["rectification-order", "reminder-slip", "interview-minutes", "flash", "circular"])
def test_marks_are_there_in_their_order_and_without_them_nothing_is(press: Press, kind: str) -> None:
    template = build(kind, len(ORGAN))
    assert marks_of(press.render(template, {**FACTS, "marks": MARKED})) == list(MARKED.values())
    assert marks_of(press.render(template, {**FACTS, "marks": {**MARKED, "urgency": ""}})) == ["000001", "秘密★1年"]
    without = press.render(template, FACTS)
    assert marks_of(without) == []
    assert not any(each.get("name") == "marks" for each in Document(BytesIO(without)).element.iter(qn("wp:docPr")))


def test_marks_do_not_move_the_head(press: Press, folder: Path) -> None:
    """Flush left, on the first three lines of the type area; the organ stays 35 mm below its edge."""
    file = printed(press, "rectification-order", folder, marks=MARKED)
    organ = bands(file, 1, red=True)[0]
    assert organ.top == pytest.approx(37 + 35, abs=0.7)
    marks = bands(file, 1, red=False)[:3]
    for place, mark in enumerate(marks):
        assert mark.left == pytest.approx(28, abs=1)
        assert mark.right < 70
        assert 37 + place * 28.95 * 25.4 / 72 < (mark.top + mark.bottom) / 2 < 37 + (place + 1) * 28.95 * 25.4 / 72
    assert marks[-1].bottom < organ.top


def test_the_title_of_a_letter_keeps_two_lines_from_the_last_mark(press: Press, folder: Path) -> None:
    (folder / "marked").mkdir()
    file = printed(press, "reminder-slip", folder / "marked", marks=MARKED)
    first, *_ = bands(file, 1, red=False)
    rows = [line.strip() for line in words(file)[0].splitlines() if line.strip()]
    assert [row.replace(" ", "") for row in rows[1:4]] == ["000001大政督改〔2022〕1号", "秘密★1年", "特急"]
    title = bands(file, 1, red=False)[3]
    assert title.top - first.top > 4 * 28.95 * 25.4 / 72


def test_minutes_have_their_mark_and_who_was_there(press: Press, folder: Path) -> None:
    """红色“××纪要”, 35 mm down; the list below the text, its names under one another, no addressee, no signature."""
    file = printed(press, "interview-minutes", folder, attendance=PRESENT, to="", body=[{"text": "如下。", "level": 0}])
    assert bands(file, 1, red=True)[0].top == pytest.approx(72, abs=0.7)
    rows = [line for line in words(file)[0].splitlines() if line.strip()]
    assert rows[0].strip() == "约谈纪要"
    first = next(number for number, row in enumerate(rows) if "出席：" in row)
    assert "".join(row.strip() for row in rows[first : first + 2]) == "出席：" + PRESENT[0]["names"]
    assert rows[first + 1].index("主") > rows[first].index("出") if "主" in rows[first + 1] else True
    assert rows[first + 2].strip() == "记录：市督查室"
    document = Document(BytesIO(press.render(build("interview-minutes", len(ORGAN)), {**FACTS, "attendance": PRESENT})))
    present: Any = next(each for each in document.paragraphs if each.text.startswith("出席："))
    assert [run._r.rPr.rFonts.get(qn("w:eastAsia")) for run in present.runs] == ["黑体", "仿宋_GB2312"]
    assert round(present.paragraph_format.left_indent.pt / 15.75, 1) == 5, "names hang under one another"


def test_an_annex_has_merged_headings_that_every_page_repeats(press: Press, folder: Path) -> None:
    """“责任单位” over “牵头” and “配合”; the others over both rows; the body names the annex."""
    docx = press.render(build("circular", len(ORGAN)), {**FACTS, "tasks": TASKS})
    table = next(each for each in Document(BytesIO(docx)).tables if len(each.columns) == 6)
    upper, lower = ([cell.text for cell in table.rows[number].cells] for number in (0, 1))
    assert upper == ["序号", "事项", "责任单位", "责任单位", "状态", "进度"]
    assert lower == ["序号", "事项", "牵头", "配合", "状态", "进度"]
    assert [cell.text for cell in table.rows[2].cells] == ["1", "事项0", "水务局", "发改局、财政局", "推进中", "40%"]
    assert len(table.rows) == 2 + len(TASKS)
    place = folder / "annex"
    place.mkdir()
    pages = words(converted(docx, place))
    listed = [page for page in pages if "推进中" in page]
    assert len(listed) > 1
    assert all("牵头" in page and "责任单位" in page for page in listed)
    assert "附件：重点事项进展情况表" in re.sub(r"\s", "", "".join(pages[: -len(listed)]))
    assert all(
        band.left >= 27.7 and band.right <= 184.3 for band in bands(place / "x.pdf", len(pages) - 1, red=False)
    ), "no wider than the text"


@pytest.mark.parametrize("count", [9, 10, 11])
def test_no_colophon_stands_on_a_page_of_its_own(press: Press, folder: Path, count: int) -> None:
    """Where the table fills its page, its last row goes over to the next one with the colophon, under the headings."""
    long = [{**TASKS[0], "title": "事项" * 12, "unit": "市住房和城乡建设局"}] * count
    facts = {"tasks": long, "copies": "各区政府，" * 14, "body": [{"text": "如下。", "level": 0}]}
    (folder / str(count)).mkdir()
    last = words(printed(press, "circular", folder / str(count), **facts))[-1]
    assert "印发" in last
    assert "推进中" in last
    assert "牵头" in last
