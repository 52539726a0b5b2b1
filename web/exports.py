"""Lists to take along: the rows of a page as a workbook or as comma-separated text, with the head of the record."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fastapi.responses import Response

from web.downloads import attachment
from web.visit import Visit
from workflows import sheets
from workflows.lists.about import about, in_header

HEAD = "duban-head"
"""The header of a list that says the head of the record: origin, size, root and check, as `--typed` reads it."""


def as_file(
    visit: Visit,
    title: str,
    head: Sequence[sheets.Head],
    rows: Sequence[Sequence[sheets.Cell]],
    asked: Sequence[tuple[str, str]] = (),
) -> Response:
    """Rows as the file that the address asks for with `format`: a workbook, or `csv`. The head that was signed last
    goes with it: in the workbook on a sheet, with what was asked, and in the footer, of a `.csv` in a header, for it
    has no place in rows.
    """
    plain, note = visit.request.query_params.get("format") == "csv", last_head(visit)
    now = visit.desk.clock().astimezone(ZoneInfo("Asia/Shanghai"))
    told = about(title, note, visit.known.id, now, visit.lang, asked)
    content = sheets.table(head, rows) if plain else sheets.xlsx(title, head, rows, about=told)
    ending, kind = ("csv", sheets.CSV) if plain else ("xlsx", sheets.XLSX)
    answer = attachment(f"{title} {now:%Y-%m-%d}.{ending}", content, kind)
    if (line := in_header(note)) is not None:
        answer.headers[HEAD] = line
    return answer


def last_head(visit: Visit) -> str | None:
    """The head that was signed last."""
    kept = visit.house.last_head()
    return None if kept is None else kept.note
