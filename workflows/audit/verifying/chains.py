"""One stream: is each event what its hash says, does it follow the one before, and do the columns repeat its header?

This is all that `--chains-only` looks at. It trusts no column: what an event says is read from its header, whose bytes
the hash proves, and columns are only compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.chain import GENESIS, Top, sealed, top
from engine.events import iso
from engine.problems import Text
from engine.reasons import reason_of
from workflows.audit.verifying.findings import Finding, unreadable
from workflows.audit.verifying.values import Raw, Row

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_SECOND = 1_000_000

AHEAD = timedelta(minutes=2)
"""So much a machine's clock may be behind that of the machine which wrote."""


def micros(moment: datetime) -> int:
    """An instant as the columns have it: microseconds since 1970."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * _SECOND + since.microseconds


def encoded(row: Raw) -> Row:
    """A row as `check` takes it: header, payload and salts as UTF-8, None where no text stands."""
    header, payload, salts = row[7:10]
    try:
        return (*row[:7], header.encode(), payload.encode(), salts.encode(), row[10], row[11])
    except AttributeError:
        texts = (each.encode() if isinstance(each, str) else None for each in (header, payload, salts))
        return (*row[:7], *texts, *row[10:])


def check(stream: str, rows: Iterable[Row], now: datetime) -> Iterator[Finding]:
    """What is wrong with a stream, whose rows (`Raw`, with texts as bytes) come in the order of their numbers. One look
    says of almost every row that nothing is; only where it does not are its parts asked, one by one.
    """
    prev, expected, last, latest = GENESIS, 1, 0, micros(now + AHEAD)
    was, recorded_at = None, 0
    for row in rows:
        _, seq, kind, occurred, recorded, actor, edition, header, payload, salts, before, link = row
        said = _top(stream, seq, header)
        if isinstance(said, Finding):
            yield said
            prev, expected = str(link), expected + 1
            continue
        if said.recorded_at != was:  # the events of a transaction share it
            was, recorded_at = said.recorded_at, micros(said.recorded_at)
        occurred_at = recorded_at if said.occurred_at == was else micros(said.occurred_at)
        sound = seq == expected == said.seq and said.task == stream and last <= recorded_at <= latest
        told = (said.type, occurred_at, recorded_at, said.actor, said.edition)
        if not (sound and before == prev and _hash(before, header, payload, salts) == link) or (
            (kind, occurred, recorded, actor, edition) != told
        ):
            yield from _wrong(stream, Raw(*row), said, (prev, expected, last, latest))
        prev, expected, last = link, seq + 1, max(last, recorded_at)


def _wrong(stream: str, row: Raw, said: Top, before: tuple[str, int, int, int]) -> Iterator[Finding]:
    """What is wrong with one row. `before`: the hash, number and time that it follows, and the latest it may have."""
    prev, expected, last, latest = before
    if row.seq != expected or said.seq != expected or said.task != stream:
        yield Finding("number_broken", stream, row.seq, {"expected": expected})
    if row.prev != prev:
        yield Finding("chain_broken", stream, row.seq)
    if _hash(row.prev, row.header, row.payload, row.salts) != row.hash:
        yield Finding("hash_broken", stream, row.seq)
    if differing := _differing(row, said):
        yield Finding("column_differs", stream, row.seq, {"columns": ", ".join(differing)})
    if micros(said.recorded_at) < last:
        since = iso(_EPOCH + last * _MICROSECOND)
        yield Finding("time_runs_back", stream, row.seq, {"recorded_at": iso(said.recorded_at), "before": since})
    elif micros(said.recorded_at) > latest:
        yield Finding("in_the_future", stream, row.seq, {"recorded_at": iso(said.recorded_at)})


def _top(stream: str, seq: Any, header: Any) -> Top | Finding:
    """What the header says, or that it says nothing that could be read."""
    try:
        told = top(header)
    except (TypeError, ValueError) as error:
        return unreadable(stream, reason_of(error), seq)
    return told if isinstance(seq, int) else unreadable(stream, Text(f"seq 是 {seq!r}", f"seq {seq!r}"))


def _hash(prev: Any, header: Any, payload: Any, salts: Any) -> str | None:
    """The hash that an event should have; None where its texts make none."""
    try:
        return sealed(prev, header, payload, salts)
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
