"""Pages of the documentation of which parts are generated: a part stands between `<!-- WHAT: NAME -->` and
`<!-- end -->`, and what follows it, up to the next one, is written by people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def parts_of(what: str, names: str) -> re.Pattern[str]:
    """The parts of one kind, by a pattern of their names."""
    return re.compile(rf"<!-- {what}: (?P<name>{names}) -->\n.*?<!-- end -->\n", re.DOTALL)


def renewed_parts(text: str, parts: re.Pattern[str], made: Mapping[str, Callable[[], str]]) -> tuple[str, str]:
    """The text with each part made anew, without those of nothing; and, apart, the parts that had no place in it."""
    kept = parts.sub(lambda found: made[found["name"]]() if found["name"] in made else "", text)
    there = {found["name"] for found in parts.finditer(kept)}
    return kept, "".join(f"\n{make()}" for name, make in made.items() if name not in there)


def told_after(text: str, parts: re.Pattern[str], last: int | None = None) -> dict[str, str]:
    """What people wrote for each part: all that follows it, up to the next one, or to the place `last`."""
    found = list(parts.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text) if last is None else last]
    return {each["name"]: text[each.end() : end] for each, end in zip(found, ends, strict=True)}


def renew(page: Path, renewed: Callable[[str], str]) -> None:
    """Write a page as `renewed` gives it, and say so, where that is not as it stands."""
    old = page.read_text(encoding="utf-8")
    new = renewed(old)
    if new != old:
        page.write_text(new, encoding="utf-8")
        print(f"written: {page.relative_to(ROOT)}")
