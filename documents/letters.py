"""信函格式: the letter by GB/T 9704-2012, 10.1.

The organ stands 30 mm below the edge of the page; a red double line (thick over thin) follows 4 mm below it, another
(thin over thick) lies 20 mm above the lower edge of the page, both 170 mm long and centred. Number and marks stand
under the first line. The first page has no page number, the colophon neither lines nor who printed it.
"""

from __future__ import annotations

from docx.document import Document as WordFile
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from documents.boxes import Place, bar, box
from documents.fonts import TITLE
from documents.heads import RED_LINE, mark_size, marks
from documents.layout import (
    BODY_FACE,
    CENTRE,
    LEFT,
    PITCH,
    RIGHT,
    SIZE,
    TOP,
    Face,
    add,
    line,
    paragraph_in,
    set_up,
    tag,
)

TALL, LONG = Mm(297).pt, Mm(170).pt
ORGAN = Mm(30).pt
"""From the edge of the page to the upper edge of the organ."""
BELOW, ABOVE = Mm(4).pt, Mm(20).pt
"""From the organ to the first double line; from the second to the lower edge of the page."""
HEAVY, GAP, LIGHT = 3.0, 1.5, 0.75
"""Points of the thick line, of what is between, and of the thin one."""
FIRST = 7 / 8 * SIZE.pt
"""From a double line to the nearest letters: seven eighths of a character."""
LARGEST = 40
"""Points of an organ with a short name."""
INK = 0.94
"""How tall the ink of an organ is, in characters."""
RISE = 0.055
"""In characters, how far ink rises above the upper edge of a line that is as high as its letters."""


def head(document: WordFile, characters: int) -> None:
    """The organ, both double lines, and the number with the marks, on the first page alone."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.first_page_footer.is_linked_to_previous = False
    page = set_up(section.first_page_header.paragraphs[0], LEFT)
    page.paragraph_format.line_spacing = Pt(1)
    size = mark_size(characters, LARGEST)
    upper = ORGAN + INK * size.pt + BELOW
    _double(page, upper, (HEAVY, LIGHT), 0)
    _double(page, TALL - ABOVE - HEAVY - GAP - LIGHT, (LIGHT, HEAVY), 2)
    _number(document, size, upper + HEAVY + GAP + LIGHT + FIRST)


def _double(anchor: Paragraph, down: float, weights: tuple[float, float], number: int) -> None:
    for each, (weight, offset) in enumerate(zip(weights, (0.0, weights[0] + GAP), strict=True)):
        bar(anchor, Place("page", "page", "center", down + offset), LONG, weight, RED_LINE, number + each)


def _number(document: WordFile, size: Pt, down: float) -> None:
    """发文字号 flush right, the marks flush left, both at so many points from the edge of the page; what follows keeps
    its distance from the last of them.
    """
    paragraph = line(document, "{{ number }}", BODY_FACE, RIGHT)
    lead = (PITCH.pt - SIZE.pt) / 2
    paragraph.paragraph_format.space_before = Pt(down - TOP.pt - lead)
    _organ(paragraph, size)
    marks(paragraph, Place("margin", "page", 0.0, down - lead))
    for more in ("marks.copy_number and (marks.secrecy or marks.urgency)", "marks.secrecy and marks.urgency"):
        tag(document, f"{{%p if {more} %}}")
        line(document, "")
        tag(document, "{%p endif %}")


def _organ(anchor: Paragraph, size: Pt) -> None:
    """In a box of the text: LibreOffice puts one of a header elsewhere."""
    place = Place("page", "page", "center", ORGAN + RISE * size.pt)
    content = box(anchor, "organ", place, LONG, size.pt * 1.3)
    paragraph = set_up(paragraph_in(content, anchor), CENTRE)
    paragraph.paragraph_format.line_spacing = size
    add(paragraph, "{{ organ }}", Face(TITLE, size, red=True, squeeze=False, latin=TITLE))
