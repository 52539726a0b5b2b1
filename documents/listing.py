"""The template of the catalogue of an archive set (卷内目录): a table on the page of official documents."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from documents import layout
from documents.packing import packed
from documents.tables import Column, listing

COLUMNS = (
    Column("序号", "{{ loop.index }}", 12, side=layout.LEFT),
    Column("内容", "{{ row[1] }}", 66, side=layout.LEFT),
    Column("文件", "{{ row[0] }}", 38, side=layout.LEFT),
    Column("SHA-256", "{{ row[3][:32] }} {{ row[3][32:] }}", 40, side=layout.LEFT),
)


@cache
def template() -> bytes:
    """A Word template that uses `title`, `task`, `day` and `rows`."""
    document = layout.blank()
    layout.line(document, "卷内目录", layout.TITLE_FACE, layout.CENTRE)
    layout.line(document, "{{ title }}", side=layout.CENTRE, before=1)
    layout.line(document, "{{ task }}　{{ day }}", layout.SMALL_FACE, layout.CENTRE)
    layout.line(document, "")
    listing(document, COLUMNS, "row in rows")
    made = BytesIO()
    document.save(made)
    return packed(made.getvalue())
