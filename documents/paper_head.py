"""The head of the record on paper: a few lines of small print on the lower edge of the last page.

It is set after a template has been filled in, and not by the template: whatever an office makes of its templates, what
it issues carries the head. It floats below the page number, outside the type area, so that no line of the document
moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as WordFile
from docx.enum.text import WD_LINE_SPACING
from docx.shared import Mm, Pt

from documents.boxes import Place, box
from documents.fonts import LATIN, SONG
from documents.layout import LEFT, WIDTH, Face, add, off_grid, paragraph_in, set_up

LINE = 7.5
"""Points from one line to the next; letters of 小六 or less are hard to read on a copy, and these are typed again."""
FACE = Face(SONG, Pt(6.5), squeeze=False, latin=LATIN)
ABOVE_EDGE = Mm(16)
"""Where the first line begins, from the lower edge of the page: below the page number, which ends 22 mm above it."""


def stamp(document: WordFile, lines: Sequence[str]) -> None:
    """Set the lines on the last page of a document."""
    section = document.sections[-1]
    if section.page_height is None or section.left_margin is None:
        raise ValueError("the last section has no page")
    anchor = document.paragraphs[-1] if document.paragraphs else document.add_paragraph()
    place = Place("page", "page", section.left_margin.pt, (section.page_height - ABOVE_EDGE) / Pt(1))
    content = box(anchor, "head", place, WIDTH, LINE * (len(lines) + 1))
    for text in lines:
        paragraph = set_up(paragraph_in(content, anchor), LEFT)
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        paragraph.paragraph_format.line_spacing = Pt(LINE)
        off_grid(paragraph)
        add(paragraph, text, FACE)
