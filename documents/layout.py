"""The parts of an official document by GB/T 9704-2012, as python-docx builds them.

The page is A4 with margins of 37, 35, 28 and 26 mm; the type area of 156 × 225 mm holds 22 lines of 28 characters of
三号. Two traps: 225 mm are 22 × 28.99 pt, so a pitch of 29 pt would lose the last line; and 28 × 16 pt are wider than
156 mm, so each character gives a quarter of a point. The grid has lines only: with characters too, LibreOffice
spreads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
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
THICK, THIN = 8, 6
"""Rules of the colophon in eighths of a point: 0.35 mm and 0.25 mm."""

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


BODY_FACE, HEI_FACE, KAI_FACE = Face(), Face(HEI), Face(KAI)
TITLE_FACE, SMALL_FACE = Face(TITLE, LARGE, squeeze=False), Face(BODY, SMALL, squeeze=False)


def blank() -> WordFile:
    """An empty document on the page of the standard, with its page numbers."""
    document = Document()
    for paragraph in list(document.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001 - python-docx has no other way
    _normal(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
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
    section.append(_element("w:docGrid", type="lines", linePitch=str(round(PITCH.pt * 20))))


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
            run._r.append(_element("w:fldChar", fldCharType=kind))  # noqa: SLF001
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
        squeeze = _element("w:spacing", val=str(SQUEEZE))
        run._r.get_or_add_rPr().insert_element_before(squeeze, "w:sz", "w:szCs")  # noqa: SLF001
    return run


def off_grid(paragraph: Paragraph) -> None:
    """Letters larger than a line of the grid would take two of them."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001
    if properties.find(qn("w:snapToGrid")) is None:
        properties.insert_element_before(_element("w:snapToGrid", val="0"), "w:spacing", "w:ind", "w:jc", "w:rPr")


def _face(of: Any, face: Face) -> None:
    of.font.size = face.size
    of.font.name = LATIN
    fonts = of.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), LATIN)
    fonts.set(qn("w:eastAsia"), face.font)
    if face.red:
        of.font.color.rgb = RED


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


# -- 版头


def head(document: WordFile, mark: str, characters: int) -> None:
    """发文机关标志: red, centred, its upper edge 35 mm below that of the type area, as large as fits on one line."""
    size = Pt(min(62, int(WIDTH / max(1, characters))))
    paragraph = line(document, mark, Face(TITLE, size, red=True, squeeze=False), CENTRE)
    paragraph.paragraph_format.space_before = Mm(35)
    paragraph.paragraph_format.line_spacing = Pt(size.pt * 1.2)


def number(document: WordFile) -> None:
    """发文字号, two lines below the mark, centred, and the red line 4 mm below it."""
    paragraph = line(document, "{{ number }}", BODY_FACE, CENTRE, before=2)
    rule(paragraph, "bottom", 12, colour="E60000", space=11)


def issue_line(document: WordFile) -> None:
    """Of a periodical: its number; below, in whose name and when; and the red line."""
    line(document, "{{ number }}", BODY_FACE, CENTRE, before=1)
    paragraph = line(document, "{{ organ }}\t{{ day }}", BODY_FACE, LEFT, before=1)
    paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(WIDTH - CHARACTER), alignment=2)
    paragraph.paragraph_format.left_indent = Pt(CHARACTER)
    rule(paragraph, "bottom", 12, colour="E60000", space=11)


def rule(paragraph: Paragraph, side: str, eighths: int, *, colour: str = "000000", space: int = 1) -> None:
    """A line above (`top`) or below (`bottom`) a paragraph."""
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
        )
    borders.append(_element(f"w:{side}", val="single", sz=str(eighths), space=str(space), color=colour))


# -- 主体


def title(document: WordFile) -> None:
    """标题: 二号小标宋, two lines below the red line, centred."""
    line(document, "{{ title }}", TITLE_FACE, CENTRE, before=2)


def addressee(document: WordFile) -> None:
    """主送机关: one line below the title, flush left."""
    tag(document, "{%p if to %}")
    line(document, "{{ to }}{{ '：' if zh else ':' }}", side=LEFT, before=1)
    tag(document, "{%p else %}")
    line(document, "")
    tag(document, "{%p endif %}")


def body(document: WordFile) -> None:
    """正文: indented by two characters, headings in 黑体 and 楷体."""
    tag(document, "{%p for each in body %}")
    for level, face in ((1, HEI_FACE), (2, KAI_FACE)):
        tag(document, f"{{%p {'if' if level == 1 else 'elif'} each.level == {level} %}}")
        indented(document, "{{ each.text }}", face).paragraph_format.keep_with_next = True
    tag(document, "{%p elif loop.last and each.text | length < 150 %}")  # no signature stands on a page without text
    indented(document, "{{ each.text }}").paragraph_format.keep_with_next = True
    tag(document, "{%p else %}")
    indented(document, "{{ each.text }}")
    tag(document, "{%p endif %}")
    tag(document, "{%p endfor %}")


def indented(document: WordFile, text: str, face: Face = BODY_FACE) -> Paragraph:
    """A paragraph whose first line begins two characters in."""
    paragraph = line(document, text, face)
    paragraph.paragraph_format.first_line_indent = Pt(2 * CHARACTER)
    paragraph._p.get_or_add_pPr().get_or_add_ind().set(qn("w:firstLineChars"), "200")  # noqa: SLF001
    return paragraph


def signature(document: WordFile) -> None:
    """署名 and 成文日期: under one another, the date four characters from the right, where the seal goes."""
    for number_, text in enumerate(("{{ organ }}", "{{ day }}")):
        paragraph = line(document, text, side=CENTRE, before=0 if number_ else 2)
        paragraph.paragraph_format.left_indent = Pt(WIDTH - 268)
        paragraph.paragraph_format.keep_with_next = True


# -- 附件


def annex(document: WordFile) -> None:
    """附件: the tasks in a table, on a page of its own, where there are several."""
    tag(document, "{%p if tasks | length > 1 %}")
    first = line(document, "{{ '附件' if zh else 'Annex' }}", HEI_FACE, LEFT)
    first.paragraph_format.page_break_before = True
    line(document, "{{ '重点事项进展情况表' if zh else 'Progress of the tasks' }}", TITLE_FACE, CENTRE, before=1)
    line(document, "")
    listing(document, COLUMNS, "task in tasks")
    tag(document, "{%p endif %}")


def listing(document: WordFile, columns: Sequence[tuple[str, str, float]], each: str) -> None:
    """A table with a row for each of something: heading, cell and width in millimetres of each column."""
    table = document.add_table(rows=4, cols=len(columns))
    table.style = "Table Grid"
    table.autofit = False
    for index, (heading, cell, width) in enumerate(columns):
        table.columns[index].width = Mm(width)
        _cell(table, 0, index, heading, Face(HEI, Pt(12), squeeze=False), width)
        _cell(table, 2, index, cell, Face(BODY, Pt(12), squeeze=False), width)
    _cell(table, 1, 0, f"{{%tr for {each} %}}", SMALL_FACE, columns[0][2])
    _cell(table, 3, 0, "{%tr endfor %}", SMALL_FACE, columns[0][2])
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
    for row in table.rows:
        row._tr.get_or_add_trPr().insert_element_before(OxmlElement("w:cantSplit"), "w:tblHeader")  # noqa: SLF001


COLUMNS = (
    ("{{ '序号' if zh else 'No.' }}", "{{ loop.index }}", 14),
    ("{{ '事项' if zh else 'Task' }}", "{{ task.title or task.id }}", 62),
    ("{{ '责任单位' if zh else 'Unit' }}", "{{ task.unit or '' }}", 40),
    ("{{ '状态' if zh else 'State' }}", "{{ task.state_title }}", 22),
    ("{{ '进度' if zh else 'Progress' }}", "{{ task.fields.percent or 0 }}%", 18),
)
"""Heading, cell and width in millimetres."""


def _cell(table: Any, row: int, column: int, text: str, face: Face, width: float) -> None:
    cell = table.cell(row, column)
    cell.width = Mm(width)
    paragraph = cell.paragraphs[0]
    set_up(paragraph, LEFT if column in (1, 2) and row else CENTRE)
    paragraph.paragraph_format.line_spacing = Pt(18)
    off_grid(paragraph)
    add(paragraph, text, face)


# -- 版记


def colophon(document: WordFile) -> None:
    """版记 on the lower edge of the last page: copies, who printed it and when, between lines.

    It is a box that hangs on a last paragraph, which takes no room; text that would reach into it goes to a new page.
    """
    table = document.add_table(rows=4, cols=2)
    table.autofit = False
    widths = (Pt(WIDTH - DAY), Pt(DAY))
    for index, width in enumerate(widths):
        table.columns[index].width = width
    for row in (0, 1, 2):
        table.cell(row, 0).merge(table.cell(row, 1))
    for row, text in ((0, "{%tr if copies %}"), (1, COPIES), (2, "{%tr endif %}"), (3, "{{ organ }}")):
        _foot(table.cell(row, 0), text, LEFT, widths[0] if row == 3 else Pt(WIDTH))
    _foot(table.cell(3, 1), "{{ day }}{{ '印发' if zh else '' }}", RIGHT, widths[1])
    _edges(table.cell(1, 0), top=THICK)
    for cell, top in ((table.cell(3, 0), THIN), (table.cell(3, 1), THIN)):
        _edges(cell, top=top, bottom=THICK)
    anchor = set_up(document.add_paragraph(), LEFT)
    anchor.paragraph_format.line_spacing = Pt(1)
    _box(anchor, table)


DAY = 160
"""Points for the day of printing."""

COPIES = "{{ '抄送：' if zh else 'Copies: ' }}{{ copies }}{{ '。' if zh else '.' }}"

_BOX = """
<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="0" locked="0"
 layoutInCell="0" allowOverlap="0"><wp:simplePos x="0" y="0"/>
<wp:positionH relativeFrom="margin"><wp:align>left</wp:align></wp:positionH>
<wp:positionV relativeFrom="margin"><wp:align>bottom</wp:align></wp:positionV>
<wp:extent cx="{width}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapTopAndBottom/>
<wp:docPr id="1" name="colophon"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>
<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln></wps:spPr>
<wps:txbx><w:txbxContent/></wps:txbx>
<wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"><a:spAutoFit/></wps:bodyPr></wps:wsp></a:graphicData>
</a:graphic></wp:anchor></w:drawing>
"""


def _box(anchor: Paragraph, table: Any) -> None:
    """Put a table into a box that stands on the lower edge of the type area."""
    drawing = parse_xml(_BOX.format(width=int(Pt(WIDTH)), height=int(Pt(2 * FOOT + 4))).replace("\n", " "))
    content = drawing.find(f".//{qn('w:txbxContent')}")
    content.append(table._tbl)  # noqa: SLF001
    last = OxmlElement("w:p")
    content.append(last)
    tail = set_up(Paragraph(last, anchor), LEFT)
    tail.paragraph_format.line_spacing = Pt(1)
    anchor.add_run()._r.append(drawing)  # noqa: SLF001


FOOT = 24
"""Points of a line of the colophon."""


def _foot(cell: Any, text: str, side: WD_ALIGN_PARAGRAPH, width: Pt) -> None:
    cell.width = width
    paragraph = set_up(cell.paragraphs[0], side)
    paragraph.paragraph_format.line_spacing = Pt(FOOT)
    add(paragraph, text, SMALL_FACE)
    off_grid(paragraph)
    if side == LEFT:
        paragraph.paragraph_format.left_indent = Pt(SMALL.pt - CELL)
    else:
        paragraph.paragraph_format.right_indent = Pt(SMALL.pt - CELL)


CELL = 5.4
"""Points that Word leaves on each side of a cell."""


def _edges(cell: Any, **sides: int) -> None:
    borders = OxmlElement("w:tcBorders")
    for side, eighths in sides.items():
        borders.append(_element(f"w:{side}", val="single", sz=str(eighths), space="0", color="000000"))
    cell._tc.get_or_add_tcPr().append(borders)  # noqa: SLF001
