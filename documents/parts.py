"""主体: title, addressee, body, attendance, the note of an annex, signature."""

from __future__ import annotations

from docx.document import Document as WordFile
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from documents.layout import (
    BODY_FACE,
    CENTRE,
    CHARACTER,
    HEI_FACE,
    KAI_FACE,
    LEFT,
    TITLE_FACE,
    WIDTH,
    Face,
    add,
    line,
    tag,
)  # fmt: skip


def title(document: WordFile, before: float = 2) -> None:
    """标题: 二号小标宋, two lines below what stands above it, centred; a long one in lines of nearly one length."""
    tag(document, "{%p for each in title_lines %}")
    tag(document, "{%p if loop.first %}")
    line(document, "{{ each }}", TITLE_FACE, CENTRE, before=before).paragraph_format.keep_with_next = True
    tag(document, "{%p else %}")
    line(document, "{{ each }}", TITLE_FACE, CENTRE).paragraph_format.keep_with_next = True
    tag(document, "{%p endif %}")
    tag(document, "{%p endfor %}")


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


def indented(document: WordFile, text: str, face: Face = BODY_FACE, *, before: float = 0) -> Paragraph:
    """A paragraph whose first line begins two characters in."""
    paragraph = line(document, text, face, before=before)
    paragraph.paragraph_format.first_line_indent = Pt(2 * CHARACTER)
    paragraph._p.get_or_add_pPr().get_or_add_ind().set(qn("w:firstLineChars"), "200")  # noqa: SLF001
    return paragraph


def attendance(document: WordFile) -> None:
    """出席人员名单 of minutes: a line below the body, two characters in, what they are in 黑体, who in 仿宋."""
    for first in (True, False):
        tag(document, f"{{%p for each in attendance{'[:1]' if first else '[1:]'} %}}")
        paragraph = line(document, "{{ each.label }}{{ '：' if zh else ': ' }}", HEI_FACE, LEFT, before=int(first))
        add(paragraph, "{{ each.names }}", BODY_FACE)
        hang(paragraph, 3)
        tag(document, "{%p endfor %}")


def hang(paragraph: Paragraph, characters: float) -> None:
    """Begin two characters in; further lines stand under what follows a label of so many characters."""
    paragraph.paragraph_format.left_indent = Pt((2 + characters) * CHARACTER)
    paragraph.paragraph_format.first_line_indent = Pt(-characters * CHARACTER)


def annex_note(document: WordFile) -> None:
    """附件说明: a line below the body, two characters in, without a mark at its end."""
    tag(document, "{%p if tasks | length > 1 %}")
    paragraph = line(document, f"{{{{ '附件：' if zh else 'Annex: ' }}}}{ANNEX_TITLE}", side=LEFT, before=1)
    hang(paragraph, 3)
    paragraph.paragraph_format.keep_with_next = True
    tag(document, "{%p endif %}")


ANNEX_TITLE = "{{ '重点事项进展情况表' if zh else 'Progress of the tasks' }}"


def signature(document: WordFile) -> None:
    """署名 and 成文日期: under one another, the date four characters from the right, where the seal goes."""
    for number, text in enumerate(("{{ organ }}", "{{ day }}")):
        paragraph = line(document, text, side=CENTRE, before=0 if number else 2)
        paragraph.paragraph_format.left_indent = Pt(WIDTH - 268)
        paragraph.paragraph_format.keep_with_next = True
