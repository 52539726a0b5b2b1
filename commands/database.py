"""Making a database, and bringing an older one up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.render import answer, local
from commands.session import REHEARSAL, Session, wrong
from commands.times import moment

if TYPE_CHECKING:
    from datetime import datetime

    from workflows.ports import Store


@click.command(help="新建数据库 / Make a new database.")
@click.option(
    "--rehearsal",
    metavar="T",
    help="推演用，时钟自 T 起，如 2024-01-08T09:00+08:00 / For a rehearsal, whose clock begins at T.",
)
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
    begins = moment(rehearsal, None, "--rehearsal") if rehearsal is not None else None
    make_folder(on)
    with on.told_plainly():
        store = open_store(on.db, create=True, clock=VirtualClock(begins) if begins else None)
        try:
            stands = store.note(CLOCK)
            purpose = _settle(on, store, begins)
            clock = store.note(CLOCK)
        finally:
            store.close()
    ready = on.of(f"已就绪：{on.db}（{PURPOSES[purpose][0]}）", f"Ready: {on.db} ({PURPOSES[purpose][1]})")
    answer(on, {"db": on.db, "purpose": purpose, "clock": clock}, [ready, *_standing(on, stands if begins else None)])


SQLITE = "sqlite:///"


LIVE = "live"
PURPOSES = {LIVE: ("正式办理", "real work"), REHEARSAL: ("推演", "rehearsal")}
"""What a database is for, in words."""


def make_folder(on: Session) -> None:
    """The folder of a database that is a file."""
    from engine.reasons import reason_of

    file = Path(on.db.removeprefix(SQLITE).partition("?")[0])
    if not on.db.startswith(SQLITE) or file.parent.is_dir():
        return
    try:
        file.parent.mkdir(parents=True)
    except OSError as error:
        why = reason_of(error)
        zh = f"建不了文件夹 {file.parent}（{why.zh}）；请先建好它，或用 --db 换一个地方，如 {SQLITE}duban.db。"
        en = f"The folder {file.parent} cannot be made ({why.en}); make it, or choose another place with --db."
        raise on.no(zh, en) from error


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

    purpose, known = REHEARSAL if begins else LIVE, store.note(PURPOSE)
    if known not in {None, purpose}:
        (zh, en), (other_zh, other_en) = PURPOSES[known or LIVE], PURPOSES[purpose]
        raise on.no(
            f"这个数据库用于{zh}，不能改作{other_zh}；请用 --db 另建一个，如 duban --db sqlite:///another.db init。",
            f"This database is for {en} and never becomes one for {other_en}; make another one with --db, "
            "as in duban --db sqlite:///another.db init.",
        )
    if known is None:
        store.set_note(PURPOSE, purpose)
        if begins:
            store.set_note(CLOCK, iso(begins))
    return purpose


@click.command(help="升级数据库结构，先备份 / Bring a database to this program's schema; back it up first.")
@click.pass_obj
def upgrade(on: Session) -> None:
    from storage import upgrade_store
    from storage.lists import SqlLists
    from storage.offices import open_office
    from workflows.desk import Desk
    from workflows.lists.filling import fill

    with on.told_plainly():
        upgrade_store(on.db)
        office = open_office(on.db, unsafe=True)
        try:
            fill(Desk(office.store), SqlLists(office.store.engine))
        finally:
            office.close()
    answer(on, {"db": on.db, "upgraded": True}, [on.of(f"已升级：{on.db}", f"Up to date: {on.db}")])
