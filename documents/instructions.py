"""What the fields of a Word part are told to do, each read as Word reads it.

Word joins the pieces of an instruction however many runs they stand in, takes names in any letters, and works the
fields inside an instruction out first. So a field is judged by its joined text, and its name must stand there in its
own letters: one that another field would have to make is refused unread. So is one with words of the template in it
(`{{ … }}`, `{% … %}`): what it comes to is known only when it is printed.
(ECMA-376 part 1, 17.16: complex fields, `w:fldChar`, `w:instrText`.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

FETCHING = frozenset({
    "DDE", "DDEAUTO", "LINK", "INCLUDE", "INCLUDETEXT", "INCLUDEPICTURE", "IMPORT", "DATABASE", "RD", "EMBED",
    "MACROBUTTON", "ADDIN", "CONTROL", "OCX", "HTMLACTIVEX", "PRINT",
})  # fmt: skip
"""Fields that fetch, run or send something."""

_ANYWHERE = re.compile(rf"\b({'|'.join(sorted(FETCHING - {'PRINT', 'CONTROL', 'INCLUDE', 'EMBED', 'ADDIN'}))})\b")
_INNER = "\x00"
"""Stands in an instruction for a field inside it."""
_NAMED = re.compile(rf"\s*(?:=|(\w+)(?![\w{_INNER}]))")
_BRACES = frozenset("{}")
_PIECES = frozenset({"instrText", "delInstrText"})
_BRANCHES = frozenset({"Choice", "Fallback"})


@dataclass
class _Field:
    """A field that has begun: in which branch of alternative content, and what it has been told so far."""

    branch: etree._Element | None
    told: list[str] = field(default_factory=list)
    shown: bool = False
    """Its result has begun: what comes now is no instruction."""


def fetches(root: etree._Element) -> bool:
    """Whether a field of this part fetches, runs or sends something, or might."""
    return any(_harmful(told) for told in _instructions(root))


def _harmful(told: str) -> bool:
    found = _NAMED.match(told)
    if found is None or not _BRACES.isdisjoint(told):
        return bool(told.strip())
    return (found[1] or "").upper() in FETCHING or _ANYWHERE.search(told) is not None


def _instructions(root: etree._Element) -> Iterator[str]:
    """Each instruction, joined; what stands in pieces of no field counts as one. One that cannot be joined, for
    alternative content cuts through it, has no name.
    """
    begun: list[_Field] = [_Field(None)]
    for element in root.iter(etree.Element):
        match etree.QName(element).localname:
            case "fldSimple":
                yield _attribute(element, "instr")
            case "fldChar":
                yield from _mark(begun, element)
            case name if name in _PIECES:
                one = begun[-1]
                whole = len(begun) == 1 or one.branch is _branch(element)
                one.told.append((element.text or "") if whole else _INNER)
            case "t" if len(begun) > 1 and not begun[-1].shown:
                begun[-1].told += _BRACES.intersection(element.text or "")
    yield from ("".join(one.told) for one in begun)


def _mark(begun: list[_Field], element: etree._Element) -> Iterator[str]:
    """A field begins, shows its result, or ends: then it is whole."""
    match _attribute(element, "fldCharType"):
        case "begin":
            if not begun[-1].shown and len(begun) > 1:
                begun[-1].told.append(_INNER)
            begun.append(_Field(_branch(element)))
        case "separate":
            begun[-1].shown = True
        case "end" if len(begun) > 1:
            yield "".join(begun.pop().told)


def _branch(element: etree._Element) -> etree._Element | None:
    """The branch of alternative content in which something stands, if it is in any."""
    return next((each for each in element.iterancestors() if etree.QName(each).localname in _BRANCHES), None)


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute of the same namespace as its element, which is one of two: transitional or strict."""
    return str(element.get(f"{{{etree.QName(element).namespace}}}{name}", ""))
