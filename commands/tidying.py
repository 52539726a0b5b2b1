"""Forgetting what ended long ago and is no part of the record: `duban tidy`."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from commands.render import answer
from commands.session import Session
from commands.worker import rooms_of

OLDER = "清理多少天以前结束的 / How many days ago it must have ended, as in 90d."
NAMES = {
    "jobs": ("作业", "jobs"), "fates": ("作业明细", "items of jobs"), "deliveries": ("已发通知", "sent messages"),
    "sessions": ("登录", "sessions"), "tokens": ("令牌", "tokens"), "files": ("无主文件", "unused files"),
}  # fmt: skip


def _days(_context: click.Context, _parameter: click.Parameter, text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})d?", text.strip())
    if found is None:
        raise click.BadParameter("请写天数，如 90d / a number of days, such as 90d")
    return timedelta(days=int(found[1]))


@click.command(help="清理早已结束、不属于记录的内容 / Forget what ended long ago and is no part of the record.")
@click.option("--older-than", "older", default="90d", show_default=True, metavar="DAYS", callback=_days, help=OLDER)
@click.pass_obj
def tidy(on: Session, older: timedelta) -> None:
    with on.desk() as desk:
        gone = rooms_of(desk)[1].tidy(desk.clock(), older)
    zh = "、".join(f"{NAMES[name][0]} {count}" for name, count in gone.items())
    en = ", ".join(f"{count} {NAMES[name][1]}" for name, count in gone.items())
    answer(on, {"older_than_days": older.days, "gone": dict(gone)}, [on.of(f"已清理：{zh}。", f"Gone: {en}.")])
