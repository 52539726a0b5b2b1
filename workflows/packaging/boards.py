"""How everything stood at the end of each month of the record, as it was known when the package was made."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta, tzinfo

from engine.events import Json, iso
from workflows.packaging.ports import Moment

TICK = timedelta(microseconds=1)


def month_ends(first: datetime, last: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The last instant of each month from that of `first` on, as far as it lies before `last`; then `last` itself."""
    start = first.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while True:
        start = (start + timedelta(days=32)).replace(day=1)
        end = start - TICK
        if end >= last:
            break
        yield end
    yield last


def board(moment: Moment, at: datetime, known_at: datetime, tasks: Collection[str] | None) -> dict[str, Json]:
    """The board at an instant, of these tasks (None: of all)."""
    rows = [row._asdict() for row in moment.board(at, known_at) if tasks is None or row.task in tasks]
    return {"at": iso(at), "known_at": iso(known_at), "rows": rows}
