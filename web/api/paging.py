"""Lists page by page: an opaque cursor in, the address of the next page out."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Query

from web.problems import Fault, Problem
from web.visit import Visit

T = TypeVar("T")

MOST = 500

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many at most.")]
Cursor = Annotated[str, Query(max_length=100, description="From `next`; nothing for the first page.")]


def place(visit: Visit, cursor: str) -> int:
    """How many rows a cursor leaves behind. Raises `Problem` where it is none of ours."""
    if not cursor:
        return 0
    try:
        text = urlsafe_b64decode(cursor.encode("ascii")).decode("ascii")
        number = int(text) if text.isdecimal() and len(text) < 10 else -1
    except ValueError:
        number = -1
    if number < 0:
        raise Problem(422, faults=[Fault("query", "/cursor", visit.words("api_cursor"))])
    return number


def next_of(visit: Visit, after: int | str | None, name: str = "cursor") -> str | None:
    """The address of the page after so many rows (or, by the parameter `name`, after a row), with all else as it was
    asked.
    """
    if after is None:
        return None
    asked = [(each, value) for each, value in visit.request.query_params.multi_items() if each != name]
    told = urlsafe_b64encode(str(after).encode()).decode() if isinstance(after, int) else after
    return f"{visit.request.url.path}?{urlencode([*asked, (name, told)])}"


def page(visit: Visit, rows: Sequence[T], cursor: str, limit: int) -> tuple[Sequence[T], str | None]:
    """The rows of a page out of all of them, and the address of the next."""
    start = place(visit, cursor)
    end = start + limit
    return rows[start:end], next_of(visit, end if end < len(rows) else None)
