"""What the rows of the log may hold, and those that hold something else.

A disk, or somebody past the program, may have put anything into a cell; SQLite takes any value in any column. Whoever
reads the log passes over such a row, and `damaged` tells it: one row that cannot be read hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from engine.problems import Text
from engine.tree import HASHES, TILE, Edge, edge_of
from storage.instants import moment_of
from storage.tables import checkpoints, events, leaves, tiles, trees, unsealed

_DIGEST = re.compile(r"[0-9a-f]{64}")


def counted(value: Any) -> bool:
    """Whether it is a number of things."""
    return type(value) is int and value >= 0


def dated(value: Any) -> bool:
    """Whether it is an instant."""
    try:
        moment_of(value)
    except (OverflowError, TypeError):
        return False
    return type(value) is int


def _text(value: Any) -> bool:
    return type(value) is str


def _digest(value: Any) -> bool:
    return type(value) is str and _DIGEST.fullmatch(value) is not None


def _named(value: Any) -> bool:
    return type(value) is str and value in HASHES


RULES: Mapping[Table, Mapping[str, Callable[[Any], bool]]] = {
    leaves: {"position": counted, "stream": _text, "seq": counted, "hash": _text},
    trees: {"tree": _named, "size": counted, "edge": _text, "grown_at": dated},
    tiles: {"tree": _named, "number": counted, "root": _digest},
    checkpoints: {"tree": _named, "size": counted, "note": _text, "signed_at": dated},
    unsealed: {"recorded_at": dated, "stream": _text, "seq": counted},
}
"""By table and column."""


_AT = {
    table: [(list(table.columns.keys()).index(name), rule) for name, rule in rules.items()]
    for table, rules in RULES.items()
}
"""The same by the place of a column, at which a row is quicker asked than by its name."""


def fits(table: Table, row: Sequence[Any]) -> bool:
    """Whether a row, which begins with all columns of its table, is one that the log may have written."""
    return all(rule(row[at]) for at, rule in _AT[table])


def edge_in(size: Any, told: Any) -> Edge | None:
    """The right edge of a tree as it is kept; None where it is not the one text of an edge of this size."""
    try:
        edge = edge_of(size, told)
    except (AttributeError, TypeError, ValueError):
        return None
    return edge if edge.to_text() == told and all(len(root) == 32 for root in edge.roots) else None


def damaged(connection: Connection) -> Iterator[Text]:
    """The rows that the log cannot have written: which, and what is wrong with it."""
    for table, rules in RULES.items():
        for row in connection.execute(select(table)):
            if fits(table, row) and table is not trees:
                continue
            told = row._mapping  # noqa: SLF001 - SQLAlchemy's name for it
            cells = [f"{name} {told[name]!r:.80}" for name, rule in rules.items() if not rule(told[name])]
            if cells:
                yield _wrong(_place(table, told), f"`{'`、`'.join(cells)}` 不是本系统写的值", ", ".join(cells))
            elif table is trees and edge_in(row.size, row.edge) is None:
                edge = f"edge {row.edge!r:.80}"
                yield _wrong(_place(table, told), f"`{edge}` 与大小 {row.size} 不符", f"{edge} of {row.size}")
    yield from _strays(connection)


def _place(table: Table, told: Mapping[Any, Any]) -> str:
    return f"{table.name} {', '.join(f'{told[column.name]!r:.40}' for column in table.primary_key)}"


def _wrong(place: str, zh: str, en: str) -> Text:
    return Text(f"`{place}`：{zh}", f"{place}: {en}")


def _strays(connection: Connection) -> Iterator[Text]:
    """What belongs to nothing: heads and tiles of a tree that is not there, tiles past its end, and what waits of which
    there is no event.
    """
    sizes = {row.tree: row.size for row in connection.execute(select(trees)) if fits(trees, row)}
    for table in (tiles, checkpoints):
        for tree in connection.scalars(select(table.c.tree).distinct()):
            if _named(tree) and tree not in sizes:
                yield _wrong(f"{table.name} {tree!r}", "没有这棵树", "no such tree")
    for row in connection.execute(select(tiles)):
        if fits(tiles, row) and row.tree in sizes and (row.number + 1) * TILE > sizes[row.tree]:
            place, size = _place(tiles, row._mapping), sizes[row.tree]  # noqa: SLF001 - the same
            yield _wrong(place, f"树只有 {size} 条树叶", f"the tree has {size} leaves")
    same = (events.c.stream == unsealed.c.stream) & (events.c.seq == unsealed.c.seq)
    alone = select(unsealed).select_from(unsealed.outerjoin(events, same)).where(events.c.seq.is_(None))
    for row in connection.execute(alone):
        if fits(unsealed, row):
            yield _wrong(_place(unsealed, row._mapping), "没有这条记录", "no such event")  # noqa: SLF001 - the same
