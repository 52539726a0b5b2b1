"""Lists as files that offices open: `.xlsx` and `.csv`. What somebody wrote stays text: no cell is ever a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO
from itertools import groupby
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | date | None

Head: TypeAlias = str | tuple[str, str]
"""What stands over a column, or over several that share the first word, with a second word of its own below it."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"

WIDEST, NARROWEST = 60, 8
"""Columns in characters."""

LONGEST = 32_767
"""Characters in one cell of a sheet."""


@dataclass(frozen=True, slots=True)
class About:
    """What a workbook says of itself: a sheet beside the list, by its title and rows of a name and a value, and the
    footer of its printed pages, in the spreadsheet's own letters.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    footer: str = ""


def xlsx(
    title: str,
    head: Sequence[Head],
    rows: Iterable[Sequence[Cell]],
    notes: Sequence[str] = (),
    about: About | None = None,
) -> bytes:
    """A workbook of one sheet: a head that stays in sight and filters, then the rows; `notes` stand below them. A head
    with words in two rows has the upper ones merged, and every other word over both rows. What it says `about` itself
    stands on a second sheet, and in the footer of every printed page.
    """
    from xlsxwriter import Workbook

    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain, day = book.add_format({"valign": "top"}), book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    sheet = book.add_worksheet(_sheet_name(title))
    top = _write_head(sheet, head, bold)
    widths, last = [_width(_lower(word)) for word in head], top
    for last, row in enumerate(rows, top + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(last, column, cell, day)
            elif isinstance(cell, int | float):
                sheet.write_number(last, column, cell, plain)
            elif cell:
                sheet.write_string(last, column, _printable(cell), plain)
            widths[column] = max(widths[column], _width("2022-02-22" if isinstance(cell, date) else str(cell or "")))
    for number, note in enumerate(notes, last + 2):
        sheet.write_string(number, 0, _printable(note))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(WIDEST, max(NARROWEST, width + 2)))
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, max(last, top + 1), max(len(head) - 1, 0))
    sheet.set_landscape()
    sheet.repeat_rows(0, top)
    sheet.fit_to_pages(1, 0)
    if about is not None:
        sheet.set_footer(about.footer)
        _write_about(book.add_worksheet(_sheet_name(about.title)), about, book.add_format({"text_wrap": True}))
    book.close()
    return out.getvalue()


def _write_about(sheet: Any, about: About, wrapped: Any) -> None:
    for number, (name, value) in enumerate(about.rows):
        sheet.write_string(number, 0, _printable(name))
        sheet.write_string(number, 1, _printable(value), wrapped)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(about.footer)


def _lower(word: Head) -> str:
    return word if isinstance(word, str) else word[1]


def _write_head(sheet: Any, head: Sequence[Head], bold: Any) -> int:
    """Write the head; returns its last row, from 0."""
    top = int(any(not isinstance(word, str) for word in head))
    for column, word in enumerate(head):
        if top and isinstance(word, str):
            sheet.merge_range(0, column, top, column, word, bold)
        else:
            sheet.write_string(top, column, _lower(word), bold)
    for over, columns in groupby(range(len(head)), lambda place: _upper(head[place])):
        places = list(columns)
        if over and len(places) > 1:
            sheet.merge_range(0, places[0], 0, places[-1], over, bold)
        elif over:
            sheet.write_string(0, places[0], over, bold)
    return top


def _upper(word: Head) -> str:
    return "" if isinstance(word, str) else word[0]


def table(head: Sequence[Head], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same as comma-separated text, in UTF-8 with the mark by which spreadsheets know it. A cell that a spreadsheet
    would take for a formula begins with an apostrophe.
    """
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_harmless(word if isinstance(word, str) else " ".join(word)) for word in head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets begin a formula with; some take the wide forms for the narrow ones
(https://owasp.org/www-community/attacks/CSV_Injection).
"""


def _harmless(cell: Cell) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(_LIVE) else text


def _printable(text: str) -> str:
    """Without characters that a workbook cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", " ", text)[:LONGEST]


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:31] or "1"


def _width(text: str) -> int:
    """How many characters wide a text is; a Chinese one counts for two."""
    return max((sum(2 if ord(each) > 0x2E80 else 1 for each in line) for line in text.split("\n")), default=0)
