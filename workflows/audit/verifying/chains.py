"""One stream: is each event what its hash says, does it follow the one before, and do the columns repeat its header?

This is all that `--chains-only` looks at. It trusts no column: what an event says is read from its header, whose bytes
the hash proves, and columns are only compared with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from engine.chain import GENESIS, Top, seal, top
from engine.events import iso
from workflows.audit.verifying.findings import Finding
from workflows.audit.verifying.values import Raw

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SECOND = 1_000_000

AHEAD = timedelta(minutes=2)
"""So much a machine's clock may be behind that of the machine which wrote."""


def micros(moment: datetime) -> int:
    """An instant as the columns have it: microseconds since 1970."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds


def check(stream: str, rows: Sequence[Raw], now: datetime) -> Iterator[Finding]:
    """What is wrong with a stream, whose rows come in the order of their numbers."""
    prev, expected, last = GENESIS, 1, 0
    latest = micros(now + AHEAD)
    for row in rows:
        said = _top(row)
        if isinstance(said, Finding):
            yield said
            prev, expected = str(row.hash), expected + 1
            continue
        if row.seq != expected or said.seq != expected or said.task != stream:
            yield Finding("number_broken", stream, row.seq, {"expected": expected})
        if row.prev != prev:
            yield Finding("chain_broken", stream, row.seq)
        if _sealed(row) != row.hash:
            yield Finding("hash_broken", stream, row.seq)
        recorded_at = micros(said.recorded_at)
        if (row.type, row.recorded_at, row.actor, row.edition) != (
            said.type,
            recorded_at,
            said.actor,
            said.edition,
        ) or (row.occurred_at != micros(said.occurred_at)):
            yield Finding("column_differs", stream, row.seq, {"columns": ", ".join(_differing(row, said))})
        if recorded_at < last:
            before = iso(_EPOCH + last * _MICROSECOND)
            yield Finding("time_runs_back", stream, row.seq, {"recorded_at": iso(said.recorded_at), "before": before})
        elif recorded_at > latest:
            yield Finding("in_the_future", stream, row.seq, {"recorded_at": iso(said.recorded_at)})
        prev, expected, last = row.hash, int(row.seq) + 1, max(last, recorded_at)


def _top(row: Raw) -> Top | Finding:
    """What the header says, or that it says nothing that could be read."""
    try:
        told = top(row.header)
    except (TypeError, ValueError) as error:
        return Finding("unreadable", str(row.stream), None, {"error": f"#{row.seq}: {error}"})
    if not isinstance(row.seq, int):
        return Finding("unreadable", str(row.stream), None, {"error": f"seq {row.seq!r}"})
    return told


def _sealed(row: Raw) -> str | None:
    """The hash that this event should have; None where its texts make none."""
    try:
        return seal(row.prev, row.header, row.payload, row.salts)
    except (AttributeError, TypeError, ValueError):
        return None


def _differing(row: Raw, said: Top) -> list[str]:
    told = {
        "type": said.type,
        "occurred_at": micros(said.occurred_at),
        "recorded_at": micros(said.recorded_at),
        "actor": said.actor,
        "edition": said.edition,
    }
    return [name for name, value in told.items() if getattr(row, name) != value]
