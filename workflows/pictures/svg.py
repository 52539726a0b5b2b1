"""The few pieces of SVG that pictures are made of. Every text is set as text, never as markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

FONTS = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Zen Hei',sans-serif"


def root_of(wide: float, tall: float, title: str, style: str) -> ET.Element:
    """A white picture of this size in points, with a title for those who cannot see it."""
    size = {"viewBox": f"0 0 {wide:.0f} {tall:.0f}", "width": f"{wide:.0f}", "height": f"{tall:.0f}"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img"})
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "style").text = style
    ET.SubElement(root, "rect", {"width": f"{wide:.0f}", "height": f"{tall:.0f}", "fill": "#fff"})
    return root


def write(
    root: ET.Element,
    text: str,
    at: tuple[float, float],
    size: float,
    colour: str,
    *,
    anchor: str = "middle",
    weight: str = "",
    look: str = "",
) -> ET.Element:
    """One line of text; `anchor` says whether `at` is its start or its middle."""
    place = {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}", "font-size": f"{size}", "fill": colour, "text-anchor": anchor}
    more = {name: value for name, value in (("font-weight", weight), ("class", look)) if value}
    line = ET.SubElement(root, "text", place | more)
    line.text = text
    return line
