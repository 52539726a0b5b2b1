"""Making a database, and bringing an older one up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands.render import answer, local
from commands.session import REHEARSAL, Session, wrong
from commands.times import moment

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.ports import Store


@click.command(help="新建数据库 / Make a new database.")
@click.option("--rehearsal", metavar="T", help="推演用，时钟自 T 起 / A rehearsal, whose clock begins at T.")
@click.pass_obj
def init(on: Session, rehearsal: str | None) -> None:
    from storage import open_store
    from workflows.clock import VirtualClock
    from workflows.desk import CLOCK

    if on.db == "memory://":
        raise wrong(
            "--db memory://：内存库不保存，只用于推演；请写 sqlite:///duban.db。",
            "--db memory://: a store in memory is not kept, it is for rehearsals only; write sqlite:///duban.db.",
        )
    begins = moment(rehearsal, None, "--rehearsal") if rehearsal else None
    with on.told_plainly():
        store = open_store(on.db, create=True, clock=VirtualClock(begins) if begins else None)
        try:
            stands = store.note(CLOCK)
            purpose = _settle(on, store, begins)
            clock = store.note(CLOCK)
        finally:
            store.close()
    ready = on.of(f"已就绪：{on.db}", f"Ready: {on.db}")
    answer(on, {"db": on.db, "purpose": purpose, "clock": clock}, [ready, *_standing(on, stands if begins else None)])


def _standing(on: Session, clock: str | None) -> list[str]:
    """That the clock of a rehearsal which is there already stays where it is."""
    if clock is None:
        return []
    from engine.events import instant

    now = local(instant(clock), None)
    return [
        on.of(
            f"它已经有了，时钟仍停在 {now}（UTC）；用 duban sweep --at 往前走。",
            f"It was there already, and its clock stays at {now} UTC; duban sweep --at moves it on.",
        )
    ]


def _settle(on: Session, store: Store, begins: datetime | None) -> str:
    """Write down what the database is for; it is never changed."""
    from engine.events import iso
    from workflows.desk import CLOCK, PURPOSE

    purpose, known = REHEARSAL if begins else "live", store.note(PURPOSE)
    if known not in {None, purpose}:
        zh = f"这个数据库已用作 {known}，不能改作 {purpose}；请另建一个。"
        raise on.no(zh, f"This database is {known} and never becomes {purpose}; make another one.")
    if known is None:
        store.set_note(PURPOSE, purpose)
        if begins:
            store.set_note(CLOCK, iso(begins))
    return purpose


@click.command(help="升级数据库结构，先备份 / Bring a database to this program's schema; back it up first.")
@click.pass_obj
def upgrade(on: Session) -> None:
    from storage import upgrade_store

    with on.told_plainly():
        upgrade_store(on.db)
    answer(on, {"db": on.db, "upgraded": True}, [on.of(f"已升级：{on.db}", f"Up to date: {on.db}")])
