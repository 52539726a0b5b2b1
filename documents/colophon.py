"""版记: on the lower edge of the last page, who gets copies and who printed it when."""

from __future__ import annotations

from typing import Any

from docx.document import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from documents.boxes import Place, box
from documents.layout import LEFT, RIGHT, SMALL, SMALL_FACE, WIDTH, add, element, off_grid, paragraph_in, set_up

THICK, THIN = 8, 6
"""Rules in eighths of a point: 0.35 mm and 0.25 mm."""
DAY = 190
"""Points for the day of printing: the longest is 2022年12月25日印发, in letters that may be wide."""
FOOT = 24
"""Points of a line."""
COPIES = "{{ '抄送：' if zh else 'Copies: ' }}{{ copies }}{{ '。' if zh else '.' }}"


def colophon(document: WordFile) -> None:
    """Copies, who printed it and when, between lines.

    It is a box that hangs on a last paragraph, which takes no room; text that would reach into it goes to a new page.
    """
    table = document.add_table(rows=4, cols=2)
    table.autofit = False
    _no_padding(table)
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
    anchor, content = _box(document)
    content.append(table._tbl)  # noqa: SLF001 - python-docx has no other way
    _end(content, anchor)


def copies_only(document: WordFile) -> None:
    """Of a letter: the copies alone, without lines, who printed it or when."""
    anchor, content = _box(document)
    for text in ("{%p if copies %}", COPIES, "{%p endif %}"):
        paragraph = set_up(paragraph_in(content, anchor), LEFT)
        paragraph.paragraph_format.line_spacing = Pt(FOOT)
        add(paragraph, text, SMALL_FACE)
        off_grid(paragraph)
        paragraph.paragraph_format.left_indent = SMALL
        paragraph.paragraph_format.right_indent = SMALL
    _end(content, anchor)


def _box(document: WordFile) -> tuple[Paragraph, Any]:
    anchor = set_up(document.add_paragraph(), LEFT)
    anchor.paragraph_format.line_spacing = Pt(1)
    return anchor, box(
        anchor, "colophon", Place("margin", "margin", "left", "bottom"), WIDTH, 2 * FOOT + 4, pushes=True
    )


def _end(content: Any, anchor: Paragraph) -> None:
    """Word wants a paragraph at the end of a box."""
    set_up(paragraph_in(content, anchor), LEFT).paragraph_format.line_spacing = Pt(1)


def _no_padding(table: Any) -> None:
    """Cells without a margin, so that lines are as long as the type area is wide."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(element(f"w:{side}", w="0", type="dxa"))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")  # noqa: SLF001


def _foot(cell: Any, text: str, side: WD_ALIGN_PARAGRAPH, width: Pt) -> None:
    cell.width = width
    paragraph = set_up(cell.paragraphs[0], side)
    paragraph.paragraph_format.line_spacing = Pt(FOOT)
    add(paragraph, text, SMALL_FACE)
    off_grid(paragraph)
    if side == LEFT:
        paragraph.paragraph_format.left_indent = SMALL
    else:
        paragraph.paragraph_format.right_indent = SMALL


def _edges(cell: Any, **sides: int) -> None:
    borders = OxmlElement("w:tcBorders")
    for side, eighths in sides.items():
        borders.append(element(f"w:{side}", val="single", sz=str(eighths), space="0", color="000000"))
    cell._tc.get_or_add_tcPr().append(borders)  # noqa: SLF001
