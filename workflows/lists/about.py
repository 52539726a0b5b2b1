"""What a list that leaves the house says of itself: when and for whom it was made, and the head of the record then.

In a workbook it stands on a sheet of its own, and the head in the footer of every printed page too. A `.csv` says
nothing: every reader would take one more line for one more row. Its head goes beside it, in a file or a header.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.problems import Language, Text
from workflows.audit.sealing.printed import LABEL, head_lines
from workflows.sheets import About

FOOTER = 255
"""Characters that a spreadsheet takes for a footer."""

WORDS = {
    "about": Text("说明", "About"),
    "list": Text("清单", "List"),
    "at": Text("导出时间", "Exported"),
    "by": Text("导出人", "By"),
    "head": Text("导出时的记录树头", "The head of the record then"),
    "none": Text("当时还没有签过树头", "none had been signed then"),
    "check": Text("核对", "To check it"),
    "how": Text(
        "树头定住了导出时的全部记录。日后用 duban seal check --typed 录入上面两行，看记录此后有没有被改动；再用"
        " duban board --at 和 --known-at 取当时的看板，与本表对照。",
        "The head fixes the whole record as it was. Later, duban seal check --typed with the two lines above tells"
        " whether it was changed since, and duban board --at with --known-at gives the board of that day to compare.",
    ),
}


def about(
    listed: str,
    note: str | None,
    by: str,
    at: datetime,
    lang: Language,
    asked: Sequence[tuple[str, str]] = (),
) -> About:
    """Of a list by its name, made for somebody at a local time, when this signed head was the last. `asked` says of
    what it is: a day of the past with its rules, a period.
    """
    said = {name: text.in_(lang) for name, text in WORDS.items()}
    lines = head_lines(note, lang)
    rows = [(said["list"], listed), *asked, (said["at"], f"{at:%Y-%m-%d %H:%M:%S %z}"), (said["by"], by)]
    rows += [(said["head"] if at_ == 0 else "", line) for at_, line in enumerate(lines or [said["none"]])]
    rows += [(said["check"], said["how"])] if lines else []
    return About(said["about"], tuple(rows), _footer(lines))


def in_header(note: str | None) -> str | None:
    """The head in one line of ASCII, for a header; None where there is none, or the name of its log has other
    letters.
    """
    lines = head_lines(note, "en")[:2]
    told = " ".join(lines).removeprefix(LABEL["en"]).strip()
    return told if lines and told.isascii() else None


def _footer(lines: list[str]) -> str:
    """Left the head, small, right the page; the page alone where the head is too long for a footer."""
    said = "\n".join(lines[:2]).replace("&", "&&")
    whole = f"&L&7{said}&R&8&P/&N" if said else "&R&8&P/&N"
    return whole if len(whole) <= FOOTER else "&R&8&P/&N"
