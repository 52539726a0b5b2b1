"""The layout of GB/T 9704-2012, read back from an issued file and from its PDF."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from documents import pdf
from documents.press import Press
from tests.documents.ink import bands, converted, words
from tools.make_templates import build

ORGAN = "大连市人民政府督查考核办公室"
LINE = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八"
FACTS: dict[str, Any] = {
    "zh": True, "organ": ORGAN, "number": "大政督改〔2022〕1号", "title": "关于限期整改的通知", "to": "市水务局",
    "day": "2022年8月3日", "copies": "分管市领导", "tasks": [], "attendance": [],
    "marks": {"copy_number": "", "secrecy": "", "urgency": ""},
    "title_lines": ["关于限期整改的通知"],
    "body": [{"text": "一、整改要求", "level": 1}, {"text": "（一）进度", "level": 2},
    {"text": "一二三四五六七八九十" * 110, "level": 0}],
}  # fmt: skip


@pytest.fixture(scope="module")
def issued() -> bytes:
    press = Press()
    try:
        return press.render(build("rectification-order", len(ORGAN)), FACTS)
    finally:
        press.close()


@pytest.fixture(scope="module")
def printed(issued: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(issued, tmp_path_factory.mktemp("pdf"))


@pytest.fixture(scope="module")
def pages(printed: Path) -> list[str]:
    """The words of each page of the PDF."""
    return words(printed)


def shape(issued: bytes, text: str) -> Any:
    """The paragraph with these words."""
    return next(each for each in Document(BytesIO(issued)).paragraphs if text in each.text)


def test_the_page_is_a4_with_the_margins_of_the_standard(issued: bytes) -> None:
    section = Document(BytesIO(issued)).sections[0]
    assert [round(side.mm) for side in (section.page_width, section.page_height) if side is not None] == [210, 297]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides if side is not None] == [37, 35, 28, 26]


def test_the_grid_has_lines_and_does_not_lose_the_last(issued: bytes) -> None:
    """22 lines fit into 225 mm, and 28 characters into 156 mm."""
    grid = Document(BytesIO(issued)).sections[0]._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    assert grid.get(qn("w:type")) == "lines"
    assert 22 * pitch <= Mm(225).pt < 23 * pitch
    body = shape(issued, LINE[:10] * 3)
    spacing = body.runs[0]._r.rPr.find(qn("w:spacing"))
    assert 28 * (body.runs[0].font.size.pt + int(spacing.get(qn("w:val"))) / 20) <= Mm(156).pt
    assert body.paragraph_format.line_spacing == Pt(pitch)


@pytest.mark.parametrize(
    ("text", "font", "size"),
    [
        (ORGAN, "方正小标宋简体", 31),
        ("大政督改〔2022〕1号", "仿宋_GB2312", 16),
        ("关于限期整改的通知", "方正小标宋简体", 22),
        ("市水务局：", "仿宋_GB2312", 16),
        ("一、整改要求", "黑体", 16),
        ("（一）进度", "楷体_GB2312", 16),
    ],
)
def test_each_part_has_its_face(issued: bytes, text: str, font: str, size: int) -> None:
    run = shape(issued, text).runs[0]
    assert run._r.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert run.font.size == Pt(size)


def test_the_head_is_red_and_35_mm_down_with_a_red_line_below_the_number(issued: bytes, printed: Path) -> None:
    """Its ink begins 35 mm below the type area; the line is as long as that is wide."""
    head = shape(issued, ORGAN)
    assert str(head.runs[0].font.color.rgb) == "E60000"
    organ, line = bands(printed, 1, red=True)
    assert organ.top == pytest.approx(37 + 35, abs=0.7)
    assert (line.left, line.right) == pytest.approx((28, 184), abs=0.3)
    border = shape(issued, "〔2022〕")._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom"))
    assert border.get(qn("w:color")) == "E60000"


def test_page_numbers_stand_outside(issued: bytes) -> None:
    """Odd pages right, even pages left, each one character in."""
    document = Document(BytesIO(issued))
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.text, even.text) == ("—  —", "—  —")
    assert (odd.paragraph_format.right_indent, even.paragraph_format.left_indent) == (Pt(14), Pt(14))
    assert [part._p.xml.count(">PAGE<") for part in (odd, even)] == [1, 1]


def test_the_colophon_has_its_lines(issued: bytes) -> None:
    """Copies and who printed it, between lines of 0.35, 0.25 and 0.35 mm."""
    body = Document(BytesIO(issued)).element.body
    table = next(body.iter(qn("w:txbxContent"))).find(qn("w:tbl"))
    words = ["".join(text.text for text in cell.iter(qn("w:t"))) for cell in table.iter(qn("w:tc"))]
    assert words == ["抄送：分管市领导。", ORGAN, "2022年8月3日印发"]
    edges = [
        (edge.tag.rpartition("}")[2], edge.get(qn("w:sz"))) for cell in table.iter(qn("w:tcBorders")) for edge in cell
    ]
    assert edges == [("top", "8"), ("top", "6"), ("bottom", "8"), ("top", "6"), ("bottom", "8")]


def test_the_lines_of_the_colophon_are_as_long_as_the_type_area(printed: Path, pages: list[str]) -> None:
    lines = [band for band in bands(printed, len(pages), red=False) if band.wide > 150 and band.tall < 0.8]
    assert [(round(each.left), round(each.right)) for each in lines] == [(28, 184)] * 3
    assert lines[-1].bottom == pytest.approx(297 - 35, abs=3)


def test_a_page_really_holds_22_lines_and_a_line_28_characters(pages: list[str]) -> None:
    """As LibreOffice sets it: a page in the middle of the text is full."""
    lines = [line.strip() for line in pages[1].splitlines() if re.fullmatch(r"[一二三四五六七八九十]+", line.strip())]
    assert {len(line) for line in lines} == {28}
    assert len(lines) == 22


def test_the_pdf_says_the_number_the_page_and_the_colophon(pages: list[str]) -> None:
    flat = [re.sub(r"\s", "", page) for page in pages]
    assert "大政督改〔2022〕1号" in flat[0]
    assert all(f"—{number}—" in page for number, page in enumerate(flat, 1))
    assert "抄送：分管市领导。" in flat[-1]
    assert "2022年8月3日印发" in flat[-1]


def test_whoever_comes_when_many_wait_for_a_pdf_is_told_and_holds_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import BoundedSemaphore

    from workflows.papers.ports import PressProblem

    monkeypatch.setattr(pdf, "program", lambda: "soffice")
    monkeypatch.setattr(
        pdf, "_run", lambda _office, folder, _source, _s: (folder / "document.pdf").write_bytes(b"%PDF")
    )
    monkeypatch.setattr(pdf, "_QUEUE", BoundedSemaphore(1))
    assert pdf.convert(b"") == b"%PDF"
    assert pdf.convert(b"") == b"%PDF", "who is done leaves the queue"
    pdf._QUEUE.acquire()
    with pytest.raises(PressProblem) as busy:
        pdf.convert(b"")
    assert busy.value.code == "pdf_busy"


def test_without_libreoffice_the_refusal_names_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.papers.ports import PressProblem

    monkeypatch.setattr(pdf, "program", lambda: None)
    with pytest.raises(PressProblem, match="libreoffice-writer-nogui"):
        pdf.convert(b"")
