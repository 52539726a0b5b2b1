"""The page of an official document by GB/T 9704-2012 and how its lines are set, as python-docx builds them.

The page is A4 with margins of 37, 35, 28 and 26 mm; the type area of 156 × 225 mm holds 22 lines of 28 characters of
三号. Two traps: 225 mm are 22 × 28.99 pt, so a pitch of 29 pt would lose the last line; and 28 × 16 pt are wider than
156 mm, so each character gives a quarter of a point. The grid has lines only: with characters too, LibreOffice
spreads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from documents.fonts import BODY, HEI, KAI, LATIN, SONG, TITLE

PITCH = Pt(28.95)
"""From one line to the next."""
SQUEEZE = -5
"""Twentieths of a point that each character of the body gives."""
SIZE, SMALL, LARGE = Pt(16), Pt(14), Pt(22)
"""三号, 四号, 二号."""
CHARACTER = 15.75
"""Points that one character of the body takes."""
WIDTH = 442.2
"""Points of the type area."""
RED = RGBColor(0xE6, 0, 0)
TOP = Mm(37)
"""天头: above the type area."""

LEFT, CENTRE, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


@dataclass(frozen=True, slots=True)
class Face:
    """How letters look."""

    font: str = BODY
    size: Pt = SIZE
    red: bool = False
    squeeze: bool = True
    latin: str = LATIN


BODY_FACE, HEI_FACE, KAI_FACE = Face(), Face(HEI), Face(KAI)
TITLE_FACE = Face(TITLE, LARGE, squeeze=False, latin=TITLE)
SMALL_FACE = Face(BODY, SMALL, squeeze=False)


def blank() -> WordFile:
    """An empty document on the page of the standard, with its page numbers."""
    document = Document()
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001 - python-docx has no other way
    _normal(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = TOP, Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(22)
    _grid(section._sectPr)  # noqa: SLF001
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], LEFT)
    return document


def _normal(document: WordFile) -> None:
    style: Any = document.styles["Normal"]
    _face(style, Face(squeeze=False))
    style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.widow_control = False


def _grid(section: Any) -> None:
    for old in section.findall(qn("w:docGrid")):
        section.remove(old)
    section.append(element("w:docGrid", type="lines", linePitch=str(round(PITCH.pt * 20))))


def _page_number(paragraph: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 1 —, one character from the outer side."""
    set_up(paragraph, side)
    paragraph.paragraph_format.line_spacing = Pt(16)
    if side == RIGHT:
        paragraph.paragraph_format.right_indent = SMALL
    else:
        paragraph.paragraph_format.left_indent = SMALL
    face = Face(SONG, SMALL, squeeze=False)
    add(paragraph, "— ", face)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = add(paragraph, "", face)
        if kind:
            run._r.append(element("w:fldChar", fldCharType=kind))  # noqa: SLF001
        else:
            instruction = OxmlElement("w:instrText")
            instruction.text = text
            run._r.append(instruction)  # noqa: SLF001
    add(paragraph, " —", face)


def set_up(paragraph: Paragraph, side: WD_ALIGN_PARAGRAPH = BOTH, *, before: float = 0) -> Paragraph:
    """Exactly one line of the grid, `before` lines below what stands above."""
    shape = paragraph.paragraph_format
    shape.alignment = side
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
    shape.space_before, shape.space_after = Pt(before * PITCH.pt), Pt(0)
    return paragraph


def line(
    document: WordFile, text: str, face: Face = BODY_FACE, side: WD_ALIGN_PARAGRAPH = BOTH, *, before: float = 0
) -> Paragraph:
    """A paragraph of one face."""
    paragraph = set_up(document.add_paragraph(), side, before=before)
    add(paragraph, text, face)
    return paragraph


def tag(document: WordFile, text: str) -> None:
    """A line that steers the template and leaves no paragraph behind: `{%p … %}`."""
    set_up(document.add_paragraph(text))


def add(paragraph: Paragraph, text: str, face: Face) -> Run:
    """A run of letters."""
    run = paragraph.add_run(text)
    _face(run, face)
    if face.size > SIZE:
        off_grid(paragraph)
    if face.squeeze:
        squeeze = element("w:spacing", val=str(SQUEEZE))
        run._r.get_or_add_rPr().insert_element_before(squeeze, "w:sz", "w:szCs")  # noqa: SLF001
    return run


def off_grid(paragraph: Paragraph) -> None:
    """Letters larger than a line of the grid would take two of them."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001
    if properties.find(qn("w:snapToGrid")) is None:
        properties.insert_element_before(element("w:snapToGrid", val="0"), "w:spacing", "w:ind", "w:jc", "w:rPr")


def _face(of: Any, face: Face) -> None:
    of.font.size = face.size
    of.font.name = face.latin
    fonts = of.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), face.latin)
    fonts.set(qn("w:eastAsia"), face.font)
    fonts.set(qn("w:hint"), "eastAsia")  # quotation marks are Chinese ones
    if face.red:
        of.font.color.rgb = RED


def element(name: str, **attributes: str) -> Any:
    """An element of Word's, with attributes of Word's."""
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def rule(paragraph: Paragraph, side: str, eighths: int, *, colour: str = "000000", space: int = 1) -> None:
    """A line above (`top`) or below (`bottom`) a paragraph."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    borders.append(element(f"w:{side}", val="single", sz=str(eighths), space=str(space), color=colour))


def paragraph_in(content: Any, anchor: Paragraph) -> Paragraph:
    """A new paragraph at the end of a box's content; `anchor` is on what the box hangs."""
    made = OxmlElement("w:p")
    content.append(made)
    return Paragraph(made, anchor._parent)  # noqa: SLF001


def steer(paragraph: Paragraph, text: str) -> None:
    """A run that steers the template and leaves nothing behind: `{%r … %}`."""
    paragraph.add_run(text)
