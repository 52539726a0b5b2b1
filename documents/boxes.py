"""What floats on a page: boxes with text, and bars of colour. Each hangs on a paragraph and takes no room there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box stands, from the `page` or the `margin` (the type area): points, or how it is aligned."""

    across_from: str
    down_from: str
    across: float | str
    down: float | str

    @property
    def xml(self) -> str:
        """As Word says it."""
        return _position("H", self.across_from, self.across) + _position("V", self.down_from, self.down)


def _position(side: str, of: str, where: float | str) -> str:
    told = f"<wp:align>{where}</wp:align>" if isinstance(where, str) else f"<wp:posOffset>{_emu(where)}</wp:posOffset>"
    return f'<wp:position{side} relativeFrom="{of}">{told}</wp:position{side}>'


def _emu(points: float) -> int:
    return int(Pt(points))


_DRAWING = """
<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">
<wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="0" locked="0"
 layoutInCell="0" allowOverlap="{overlap}"><wp:simplePos x="0" y="0"/>{place}
<wp:extent cx="{width}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>{wrap}
<wp:docPr id="{number}" name="{name}"/><wp:cNvGraphicFramePr/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>
<wps:cNvSpPr{text_box}/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{fill}<a:ln><a:noFill/></a:ln></wps:spPr>
{content}
</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>
"""
_TEXT = """<wps:txbx><w:txbxContent/></wps:txbx>
<wps:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}">{fit}</wps:bodyPr>"""

_NUMBERS = {"colophon": 1, "marks": 2, "organ": 3, "head": 4, "bar": 10}
"""By name: each drawing of a document has a number of its own."""


def box(anchor: Paragraph, name: str, place: Place, width: float, height: float, *, pushes: bool = False) -> Any:
    """An empty box with text, in points; its content, to which paragraphs and tables are appended. One that `pushes`
    keeps the text off, grows with what it holds, and holds it at its lower edge.
    """
    text = _TEXT.format(anchor="b" if pushes else "t", fit="<a:spAutoFit/>" if pushes else "<a:noAutofit/>")
    wrap = "<wp:wrapTopAndBottom/>" if pushes else "<wp:wrapNone/>"
    drawing = _drawing(name, place, width, height, text, wrap=wrap, number=_NUMBERS[name])
    anchor.add_run()._r.append(drawing)  # noqa: SLF001 - python-docx has no other way
    return drawing.find(f".//{qn('w:txbxContent')}")


def bar(anchor: Paragraph, place: Place, width: float, height: float, colour: str, number: int) -> None:
    """A line as a filled bar: borders of paragraphs are drawn otherwise by each program. `number` tells it from
    others.
    """
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    drawing = _drawing("bar", place, width, height, "<wps:bodyPr/>", fill=fill, number=_NUMBERS["bar"] + number)
    anchor.add_run()._r.append(drawing)  # noqa: SLF001


def _drawing(
    name: str,
    place: Place,
    width: float,
    height: float,
    content: str,
    *,
    number: int,
    wrap: str = "<wp:wrapNone/>",
    fill: str = "<a:noFill/>",
) -> Any:
    made = _DRAWING.format(
        name=name,
        number=number,
        place=place.xml,
        width=_emu(width),
        height=_emu(height),
        wrap=wrap,
        fill=fill,
        content=content,
        overlap="0" if "TopAndBottom" in wrap else "1",
        text_box=' txBox="1"' if "txbx" in content else "",
    )
    return parse_xml(made.replace("\n", " "))
