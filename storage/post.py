"""Deliveries in SQL: planned with their parcel's end, claimed under a lease, and each change chained into the stream
of the task's post.

A lease runs by the database's clock, which all workers share; when a message is due is said by the caller's, which is
virtual in a rehearsal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select, update

from engine.chain import parsed
from storage import streams
from storage.instants import micros, micros_or_none, moment_of, moment_or_none
from storage.office_tables import deliveries
from storage.tables import outbox
from storage.transactions import Transactions
from workflows.ports import Parcel
from workflows.post.values import STREAM, Bundle, Delivery, Depth, Planned, PostEvent, Told, Waiting

CLAIM = "post"
"""Claims are made one after the other: two workers never make two messages of what belongs into one."""

BUNDLE = 200
"""The most deliveries of one message."""


class SqlPost(Transactions):
    """See `workflows.post.ports.Post`."""

    def parcels(self, limit: int) -> Sequence[Waiting]:
        query = (
            select(outbox.c.id, outbox.c.task, outbox.c.seq, outbox.c.kind, outbox.c.name, outbox.c.body)
            .where(outbox.c.done_at.is_(None), outbox.c.kind == "notice")
            .order_by(outbox.c.id)
            .limit(limit)
        )
        with self._read() as connection:
            rows = connection.execute(query).all()
        return [Waiting(row[0], Parcel(*row[1:5], parsed(row[5]))) for row in rows]

    def plan(self, parcel: Waiting, planned: Sequence[Planned], told: Sequence[Told]) -> bool:
        with self._write() as connection:
            now = self._micros(connection)
            mine = update(outbox).where(outbox.c.id == parcel.id, outbox.c.done_at.is_(None)).values(done_at=now)
            if connection.execute(mine).rowcount == 0:
                return False
            if planned:
                connection.execute(deliveries.insert(), [_row(parcel.id, each) for each in planned])
            self._tell(connection, told, now)
        return True

    def _tell(self, connection: Connection, told: Sequence[Told], now: int) -> None:
        for each in sorted(told, key=lambda one: one.task):  # in one order, so that two never wait for each other
            streams.append(connection, STREAM + each.task, each.type, "system", each.payload, moment_of(now))

    def claim(self, channels: Sequence[str], at: datetime, lease: timedelta) -> Bundle | None:
        with self._write() as connection:
            streams.lock(connection, CLAIM)
            now = self._micros(connection)
            first = connection.execute(_claimable(channels, micros(at), now)).first()
            if first is None:
                return None
            rows = connection.execute(_mates(first, micros(at))).all()
            mine = [row.id for row in rows]
            taken = {
                "leased_until": now + lease // timedelta(microseconds=1),
                "attempts": deliveries.c.attempts + 1,
                "message_id": first.message_id,
            }
            connection.execute(update(deliveries).where(deliveries.c.id.in_(mine)).values(taken))
            claimed = connection.execute(_DELIVERIES.where(deliveries.c.id.in_(mine))).all()
        return Bundle([_delivery(row) for row in claimed])

    def sent(self, bundle: Bundle, at: datetime, told: Sequence[Told]) -> None:
        self._settle(bundle, {"state": "sent", "sent_at": micros(at), "error": None}, told)

    def put_off(self, bundle: Bundle, error: str, again_at: datetime | None, told: Sequence[Told]) -> None:
        later = {"state": "failed"} if again_at is None else {"next_at": micros(again_at)}
        self._settle(bundle, {"error": error, **later}, told)

    def again(self, numbers: Sequence[int], at: datetime, told: Sequence[Told]) -> bool:
        failed = update(deliveries).where(deliveries.c.id.in_(numbers), deliveries.c.state == "failed")
        waiting = {"state": "waiting", "attempts": 1, "next_at": micros(at), "leased_until": None}
        with self._write() as connection:
            if connection.execute(failed.values(waiting)).rowcount == 0:
                return False
            self._tell(connection, told, self._micros(connection))
        return True

    def change(self, number: int, planned: Planned | None, told: Told) -> bool:
        with self._write() as connection:
            now = self._micros(connection)
            free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
            mine = update(deliveries).where(deliveries.c.id == number, deliveries.c.state != "sent", free)
            if connection.execute(mine.values(_changed(planned))).rowcount == 0:
                return False
            self._tell(connection, [told], now)
        return True

    def _settle(self, bundle: Bundle, values: Mapping[str, Any], told: Sequence[Told]) -> None:
        mine = [each.id for each in bundle.deliveries]
        waiting = update(deliveries).where(deliveries.c.id.in_(mine), deliveries.c.state == "waiting")
        with self._write() as connection:
            if connection.execute(waiting.values(leased_until=None, **values)).rowcount:
                self._tell(connection, told, self._micros(connection))

    def deliveries(
        self, *, task: str | None = None, recipient: str | None = None, waiting: bool = False
    ) -> Sequence[Delivery]:
        query = _DELIVERIES
        if recipient is not None:
            query = query.where(deliveries.c.recipient == recipient)
        if task is not None:
            query = query.where(outbox.c.task == task)
        if waiting:
            query = query.where(deliveries.c.state != "sent")
        with self._read() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def told(self, task: str) -> Sequence[PostEvent]:
        with self._read() as connection:
            found = streams.read(connection, STREAM + task)
        return [PostEvent(task, each.type, each.recorded_at, each.told) for each in found]

    def due(self, channels: Sequence[str], at: datetime) -> bool:
        planning = select(outbox.c.id).where(outbox.c.done_at.is_(None), outbox.c.kind == "notice").limit(1)
        with self._read() as connection:
            if connection.execute(planning).first() is not None:
                return True
            ready = _claimable(channels, micros(at), self._micros(connection))
            return connection.execute(ready).first() is not None

    def depth(self, at: datetime) -> Depth:
        counts = select(deliveries.c.state, func.count()).where(deliveries.c.state != "sent")
        oldest = select(func.min(deliveries.c.next_at)).where(
            deliveries.c.state == "waiting", deliveries.c.next_at <= micros(at)
        )
        parcels = select(func.count()).where(outbox.c.done_at.is_(None), outbox.c.kind == "notice")
        with self._read() as connection:
            by_state = {row[0]: row[1] for row in connection.execute(counts.group_by(deliveries.c.state))}
            since, open_parcels = connection.scalar(oldest), connection.scalar(parcels) or 0
        waiting, failed = by_state.get("waiting", 0), by_state.get("failed", 0)
        return Depth(open_parcels, waiting, failed, moment_or_none(since))


def _changed(planned: Planned | None) -> dict[str, Any]:
    """What a delivery says from now on; a new address has not been tried."""
    if planned is None:
        return {"state": "failed", "error": "the address is gone"}
    told = _row(0, planned)
    return {key: told[key] for key in ("channel", "address", "subject", "text", "message_id", "attempts", "next_at")}


def _row(parcel: int, each: Planned) -> dict[str, Any]:
    return {
        "parcel": parcel,
        "recipient": each.recipient,
        "channel": each.channel,
        "address": each.address,
        "opening": micros_or_none(each.opening),
        "subject": each.subject,
        "text": each.text,
        "message_id": each.message_id,
        "state": "waiting",
        "attempts": 0,
        "next_at": micros(each.next_at),
    }


_DELIVERIES = (
    select(deliveries, outbox.c.task, outbox.c.seq, outbox.c.name)
    .join(outbox, outbox.c.id == deliveries.c.parcel)
    .order_by(deliveries.c.id)
)


def _claimable(channels: Sequence[str], at: int, now: int) -> Select[Any]:
    """The delivery due first that nobody is sending."""
    free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    due = and_(deliveries.c.state == "waiting", deliveries.c.next_at <= at)
    query = select(deliveries).where(due, free, deliveries.c.channel.in_(channels))
    return query.order_by(deliveries.c.next_at, deliveries.c.id).limit(1)


def _mates(first: Row[Any], at: int) -> Select[Any]:
    """What goes out together with it. Once it has been tried the message is made and stays as it was."""
    if first.attempts:
        mates = deliveries.c.message_id == first.message_id
    elif first.opening is None:
        mates = deliveries.c.id == first.id
    else:
        mates = and_(
            deliveries.c.attempts == 0,
            deliveries.c.next_at <= at,
            deliveries.c.opening == first.opening,
            deliveries.c.recipient == first.recipient,
            deliveries.c.channel == first.channel,
            deliveries.c.address == first.address,
        )
    query = select(deliveries.c.id).where(deliveries.c.state == "waiting", mates)
    return query.order_by(deliveries.c.id).limit(BUNDLE)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        task=row.task,
        seq=row.seq,
        notice=row.name,
        recipient=row.recipient,
        channel=row.channel,
        address=row.address,
        opening=moment_or_none(row.opening),
        subject=row.subject,
        text=row.text,
        message_id=row.message_id,
        state=row.state,
        attempts=row.attempts,
        next_at=moment_of(row.next_at),
        sent_at=moment_or_none(row.sent_at),
        error=row.error,
    )
