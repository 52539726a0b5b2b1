"""版头: the head of an official document, of a periodical and of minutes, with the marks that some documents bear."""

from __future__ import annotations

from docx.document import Document as WordFile
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from documents.boxes import Place, box
from documents.fonts import TITLE
from documents.layout import (
    BODY_FACE,
    CENTRE,
    CHARACTER,
    HEI_FACE,
    LEFT,
    PITCH,
    WIDTH,
    Face,
    add,
    line,
    paragraph_in,
    rule,
    set_up,
    steer,
)  # fmt: skip

RED_LINE = "E60000"

MARKS = ("copy_number", "secrecy", "urgency")
"""份号, 密级和保密期限, 紧急程度: in this order from above, each on a line of its own where it is given."""


SINK = 0.13
"""In characters, how far the ink of a mark begins below the upper edge of its line, which is a fifth higher."""


def mark_size(characters: int, largest: float = 62) -> Pt:
    """How large the mark of an organ with so many characters is: as large as fits on one line."""
    return Pt(min(largest, int(WIDTH / max(1, characters))))


def head(document: WordFile, mark: str, characters: int) -> None:
    """发文机关标志: red, centred, its upper edge 35 mm below that of the type area; the marks stand above it."""
    size = mark_size(characters)
    paragraph = line(document, mark, Face(TITLE, size, red=True, squeeze=False, latin=TITLE), CENTRE)
    paragraph.paragraph_format.space_before = Pt(Mm(35).pt - SINK * size.pt)
    paragraph.paragraph_format.line_spacing = Pt(size.pt * 1.2)
    marks(paragraph, Place("margin", "margin", 0, 0))


def marks(anchor: Paragraph, place: Place) -> None:
    """The marks in a box that takes no room, flush left; without any of them there is no box."""
    steer(anchor, "{%r if marks.copy_number or marks.secrecy or marks.urgency %}")
    content = box(anchor, "marks", place, 12 * CHARACTER, len(MARKS) * PITCH.pt)
    for name in MARKS:
        face = BODY_FACE if name == "copy_number" else HEI_FACE
        for text in (f"{{%p if marks.{name} %}}", f"{{{{ marks.{name} }}}}", "{%p endif %}"):
            add(set_up(paragraph_in(content, anchor), LEFT), text, face)
    set_up(paragraph_in(content, anchor), LEFT).paragraph_format.line_spacing = Pt(1)
    steer(anchor, "{%r endif %}")


def number(document: WordFile) -> None:
    """发文字号, two lines below the mark, centred, and the red line 4 mm below it."""
    paragraph = line(document, "{{ number }}", BODY_FACE, CENTRE, before=2)
    rule(paragraph, "bottom", 12, colour=RED_LINE, space=11)


def issue_line(document: WordFile) -> None:
    """Of a periodical: its number; below, in whose name and when, each one character in; and the red line."""
    line(document, "{{ number }}", BODY_FACE, CENTRE, before=1)
    paragraph = line(document, "\u3000{{ organ }}\t{{ day }}", BODY_FACE, LEFT, before=1)
    paragraph.paragraph_format.tab_stops.add_tab_stop(Pt(WIDTH - CHARACTER), alignment=2)
    rule(paragraph, "bottom", 12, colour=RED_LINE, space=11)
