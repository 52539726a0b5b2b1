"""Tables: the annex of a document and other lists, with headings of one row or of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.document import Document as WordFile
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from documents.fonts import BODY, HEI
from documents.layout import CENTRE, HEI_FACE, LEFT, SMALL_FACE, TITLE_FACE, Face, add, line, off_grid, set_up, tag
from documents.parts import ANNEX_TITLE


@dataclass(frozen=True, slots=True)
class Column:
    """Heading, cell and width in millimetres. Neighbours with the same `over` stand under it in a second row."""

    heading: str
    cell: str
    width: float
    over: str = ""
    side: Any = CENTRE


HEADED, FILLED = Face(HEI, Pt(12), squeeze=False), Face(BODY, Pt(12), squeeze=False)
UNITS = "{{ '责任单位' if zh else 'Units' }}"

COLUMNS = (
    Column("{{ '序号' if zh else 'No.' }}", "{{ loop.index }}", 12),
    Column("{{ '事项' if zh else 'Task' }}", "{{ task.title or task.id }}", 44, side=LEFT),
    Column("{{ '牵头' if zh else 'Lead' }}", "{{ task.unit or '' }}", 32, UNITS, LEFT),
    Column("{{ '配合' if zh else 'With' }}", "{{ task.others | join('、' if zh else ', ') }}", 30, UNITS, LEFT),
    Column("{{ '状态' if zh else 'State' }}", "{{ task.state_title }}", 22),
    Column("{{ '进度' if zh else 'Progress' }}", "{{ task.fields.percent or 0 }}%", 16),
)


def annex(document: WordFile) -> None:
    """附件: the tasks in a table, on a page of its own, where there are several."""
    tag(document, "{%p if tasks | length > 1 %}")
    first = line(document, "{{ '附件' if zh else 'Annex' }}", HEI_FACE, LEFT)
    first.paragraph_format.page_break_before = True
    line(document, ANNEX_TITLE, TITLE_FACE, CENTRE, before=1)
    line(document, "")
    listing(document, COLUMNS, "task in tasks")
    tag(document, "{%p endif %}")


def listing(document: WordFile, columns: Sequence[Column], each: str) -> None:
    """A table with a row for each of something; its headings are repeated on every page, and its last row stays with
    what follows, so that no colophon stands on a page of its own.
    """
    upper = any(column.over for column in columns)
    heads = 2 if upper else 1
    table = document.add_table(rows=heads + 7, cols=len(columns))
    table.style = "Table Grid"
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for index, column in enumerate(columns):
        table.columns[index].width = Mm(column.width)
        _cell(table, heads - 1, index, column.heading, HEADED, column)
        _cell(table, heads + 2, index, column.cell, FILLED, column)
        _cell(table, heads + 4, index, column.cell, FILLED, column).paragraph_format.keep_with_next = True
    if upper:
        _merge(table, columns)
    steps = (f"for {each}", "if not loop.last", "", "else", "", "endif", "endfor")
    for row, step in enumerate(steps):
        if step:
            _tag(table, heads + row, f"{{%tr {step} %}}")
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no other way
        properties.append(OxmlElement("w:cantSplit"))
        if number < heads:
            properties.append(OxmlElement("w:tblHeader"))


def _merge(table: Any, columns: Sequence[Column]) -> None:
    """Put a word over the columns that share it; every other heading stands over both rows."""
    index = 0
    while index < len(columns):
        over, last = columns[index].over, index
        while over and last + 1 < len(columns) and columns[last + 1].over == over:
            last += 1
        if over:
            _cell(table, 0, index, over, HEADED, columns[index])
            table.cell(0, index).merge(table.cell(0, last))
        else:
            lower = table.cell(1, index)
            for run in list(lower.paragraphs[0].runs):
                run._r.getparent().remove(run._r)  # noqa: SLF001
            _cell(table, 0, index, columns[index].heading, HEADED, columns[index])
            _one_paragraph(table.cell(0, index).merge(lower))
        index = last + 1


def _one_paragraph(cell: Any) -> None:
    for paragraph in cell.paragraphs[1:]:
        paragraph._p.getparent().remove(paragraph._p)  # noqa: SLF001


def _tag(table: Any, row: int, text: str) -> None:
    add(set_up(table.cell(row, 0).paragraphs[0]), text, SMALL_FACE)


def _cell(table: Any, row: int, column: int, text: str, face: Face, of: Column) -> Paragraph:
    cell = table.cell(row, column)
    cell.width = Mm(of.width)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = set_up(cell.paragraphs[0], CENTRE if face is HEADED else of.side)
    paragraph.paragraph_format.line_spacing = Pt(18)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    off_grid(paragraph)
    add(paragraph, text, face)
    return paragraph
