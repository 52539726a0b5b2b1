"""Running jobs and looking at them: `duban worker`, `duban jobs`."""

from __future__ import annotations

import os
import random
import signal
import threading
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from commands.backtests import opened
from commands.logs import set_up
from commands.redacting import eraser_of
from commands.render import answer, local, table
from commands.session import Session, tame
from commands.times import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from jobs import Pace, Runner
    from storage.labour import SqlLabour
    from storage.log import SqlLog
    from storage.post import SqlPost
    from workflows.audit.sealing.signing import Pen
    from workflows.desk import Desk
    from workflows.labour.context import Tools
    from workflows.labour.values import Job, Standing
    from workflows.people.ports import People

JOB = "作业编号，见 duban jobs list / The id of a job, as duban jobs list shows it."


def rooms_of(desk: Desk) -> tuple[SqlPost, SqlLabour]:
    """The post and the labour over the database of a desk."""
    from storage.labour import SqlLabour
    from storage.post import SqlPost
    from storage.sql_store import SqlStore

    assert isinstance(desk.store, SqlStore), "jobs and messages are kept in a database"
    return SqlPost(desk.store.engine), SqlLabour(desk.store.engine)


def tools_of(desk: Desk, people: People, key: Path | None = None) -> Tools:
    """With what jobs work here, by the settings of the environment; `key` is for heads where these name none. In a
    rehearsal nothing leaves the house. Raises ValueError for a setting that cannot be read.
    """
    from post.providers import couriers, nowhere
    from workflows.clock import wall
    from workflows.labour.context import Tools

    post, labour = rooms_of(desk)
    carried = nowhere() if desk.virtual else couriers(os.environ, wall)
    return Tools(
        lambda: _at_desk(desk),
        people,
        post,
        labour,
        carried,
        random.random,
        home_of(os.environ),
        log_of(desk),
        pen_here(key),
        eraser_of(desk),
        partial(opened, rooms_engine(desk).url.render_as_string(hide_password=False)),
    )


KEY = "DUBAN_SEAL_KEY"
"""Names the file of the key with which heads of the tree are signed; without it they are not."""


def log_of(desk: Desk) -> SqlLog:
    """The tree over what a desk's database has recorded."""
    from storage.log import SqlLog

    return SqlLog(rooms_engine(desk))


def pen_here(key: Path | None = None) -> Pen | None:
    """The key that the environment names, or else this one, if any. Raises `BadSetting` where it cannot be used."""
    from engine.commands import Refusal
    from engine.problems import BadSetting
    from workflows.audit.sealing.keyring import pen_of
    from workflows.sayings import say

    named = os.environ.get(KEY, "").strip()
    file = Path(named) if named else key
    found = pen_of(file) if file is not None else None
    if isinstance(found, Refusal):
        zh, en = say(found, None, "zh").rstrip("。"), say(found, None, "en").rstrip(".")
        raise BadSetting(f"{KEY}：{zh}", f"{KEY}: {en}")
    return found


def home_of(told: Mapping[str, str]) -> str:
    """Where the pages stand, by the setting `DUBAN_BASE_URL`; empty without it. Raises `BadSetting`."""
    from engine.problems import BadSetting

    home = told.get("DUBAN_BASE_URL", "").strip()
    parts = urlsplit(home)
    if home and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise BadSetting(
            f"DUBAN_BASE_URL：{home} 不是网址，应如 https://duban.example.org",
            f"DUBAN_BASE_URL: {home!r} is no address such as https://duban.example.org",
        )
    return home


def _at_desk(desk: Desk) -> Desk:
    """A desk for one job. The clock of a rehearsal stands in the database, where another process may move it."""
    from engine.events import instant
    from workflows.clock import VirtualClock
    from workflows.desk import CLOCK

    if isinstance(desk.clock, VirtualClock):
        noted = desk.store.note(CLOCK)
        desk.clock.move(max(instant(noted) if noted else desk.clock(), desk.clock()))
    return replace(desk, channel="job")


def standing_of(sweep_every: float, post_every: float) -> tuple[Standing, ...]:
    """The standing jobs at an operator's pace, in seconds."""
    from workflows.labour.kinds import STANDING

    pace = {"sweep": sweep_every, "deliver": post_every}
    return tuple(replace(each, every=pace.get(each.kind, each.every)) for each in STANDING)


SWEEP_EVERY = click.option(
    "--sweep-every",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="几秒运行一次时限 / How often time runs, in seconds.",
)
POST_EVERY = click.option(
    "--post-every",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="几秒发送一次通知 / How often notices are sent, in seconds.",
)


@click.command(help="运行作业，直到被停止 / Run jobs until it is stopped.")
@SWEEP_EVERY
@POST_EVERY
@click.option(
    "--patience",
    type=click.FloatRange(min=1),
    default=20.0,
    show_default=True,
    metavar="SECONDS",
    help="几秒没有音讯即视为已停，由别人接手 / After how many silent seconds a worker is taken for dead.",
)
@click.pass_obj
def worker(on: Session, sweep_every: float, post_every: float, patience: float) -> None:
    from engine.reasons import reason_of
    from jobs.watcher import Watcher

    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    set_up()
    with on.office() as (desk, people):
        try:
            tools = tools_of(desk, people)
        except ValueError as error:
            raise on.refused(_refusal("bad_setting", reason=reason_of(error).both)) from error
        runner = begun(rooms_engine(desk), tools, (sweep_every, post_every), pace_of(patience))
        watcher = Watcher(tools).start()
        try:
            started = on.of(
                f"作业在此运行：{runner.worker}；Ctrl-C 停止", f"Jobs run here: {runner.worker}; Ctrl-C stops"
            )
            answer(on, {"worker": runner.worker}, [started])
            stopped.wait()
        finally:
            watcher.stop()
            runner.stop()


def begun(engine: Any, tools: Tools, paces: tuple[float, float], pace: Pace | None = None) -> Runner:
    """Jobs that run: all kinds, and the alarm."""
    import jobs
    from workflows.labour.alarm import ALARM, tell
    from workflows.labour.kinds import KINDS

    return jobs.start(engine, tools, kinds={**KINDS, ALARM: tell}, standing=standing_of(*paces), pace=pace)


def pace_of(patience: float) -> Pace:
    """How often a worker shows that it lives, if it is taken for dead after so many seconds."""
    from jobs import Pace

    return Pace(alive=min(3.0, patience / 5), patience=patience)


def rooms_engine(desk: Desk) -> Any:
    """The engine of a desk's database, for the runner."""
    from storage.sql_store import SqlStore

    assert isinstance(desk.store, SqlStore), "jobs are kept in a database"
    return desk.store.engine


def _refusal(code: str, **facts: object) -> Any:
    from engine.commands import Refusal

    return Refusal(code, facts)


# -- looking


@click.group(help="作业：列出、查看、取消 / Jobs: list, look, cancel.")
def jobs() -> None:
    """The commands below do it."""


COLUMNS = (
    ("作业", "Job"), ("种类", "Kind"), ("状态", "State"), ("进度", "Done"), ("未成", "Failed"), ("发起", "Asked"),
    ("发起人", "By"), ("结束", "Ended"),
)  # fmt: skip

STATES = {
    "waiting": ("等待", "waiting"),
    "running": ("进行", "running"),
    "done": ("完成", "done"),
    "failed": ("失败", "failed"),
    "cancelled": ("取消", "cancelled"),
}
FATES = {"done": ("已办", "done"), "refused": ("未获准", "refused"), "failed": ("出错", "failed")}


@jobs.command("list", help="列出作业，最近的在前 / Jobs, the latest first.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, metavar="N", help="最多几项 / At most."
)
@click.pass_obj
def list_(on: Session, limit: int) -> None:
    with on.desk() as desk:
        found, zone = rooms_of(desk)[1].jobs(limit=limit), zone_of(desk)
    if on.json:
        answer(on, [told(each) for each in found])
        return
    table(on, COLUMNS, [_row(on, each, zone) for each in found])


def _row(on: Session, each: Job, zone: ZoneInfo | None) -> tuple[Any, ...]:
    count = f"{each.done + each.failed}/{each.total}" if each.total else ""
    asked, ended = local(each.asked_at, zone), local(each.ended_at, zone)
    return (each.id, each.kind, on.of(*STATES[each.state]), count, each.failed or "", asked, each.asked_by, ended)


def told(each: Job) -> dict[str, Any]:
    """A job for programs."""
    from engine.events import iso

    moments = {name: iso(at) if (at := getattr(each, name)) else None for name in ("asked_at", "began_at", "ended_at")}
    plain = (
        "id",
        "kind",
        "state",
        "asked_by",
        "total",
        "done",
        "failed",
        "cancel",
        "result",
        "worker",
        "tries",
        "crashes",
    )
    return {name: getattr(each, name) for name in plain} | moments


@jobs.command(help="作业详情，连同每项的结果；进行中的显示进度 / One job with the fate of each item; its progress.")
@click.argument("job", help=JOB)
@click.option("--watch", is_flag=True, help="直到结束，显示进度条 / Until it is over, with a bar.")
@click.pass_obj
def show(on: Session, job: str, *, watch: bool) -> None:
    with on.desk() as desk:
        labour, zone = rooms_of(desk)[1], zone_of(desk)
        found = _found(on, labour, job)
        if watch:
            found = _watched(on, labour, found)
        fates = list(_fates(labour, job))
    if on.json:
        each_told = [{"n": each.n, "subject": each.subject, "fate": each.fate, "detail": each.detail} for each in fates]
        answer(on, {**told(found), "fates": each_told})
        return
    table(on, COLUMNS, [_row(on, found, zone)])
    if found.result:
        click.echo(str(dict(found.result)))
    for each in fates:
        click.echo(f"{each.n:>6}  {each.subject}  {on.of(*FATES[each.fate])}  {tame(each.detail)}")


def _found(on: Session, labour: SqlLabour, name: str) -> Job:
    found = labour.job(name)
    if found is None:
        raise on.refused(_refusal("unknown_job", job=name))
    return found


def _fates(labour: SqlLabour, name: str) -> Iterator[Any]:
    after = 0
    while page := labour.fates(name, after=after):
        yield from page
        after = page[-1].n


def _watched(on: Session, labour: SqlLabour, job: Job) -> Job:
    """A bar on a terminal; elsewhere it is only waited for."""
    from rich.console import Console
    from rich.progress import Progress

    from workflows.clock import pause
    from workflows.labour.values import OVER

    with Progress(console=Console(stderr=True), disable=on.json) as bars:
        bar = bars.add_task(f"{job.kind} {job.id[:8]}", total=job.total or None)
        while True:
            job = labour.job(job.id) or job
            bars.update(bar, completed=job.done + job.failed, total=job.total or None)
            if job.state in OVER:
                return job
            pause(0.3)


@jobs.command(help="取消作业；进行中的办完手上一项就停 / Cancel a job; one that runs stops after the item at hand.")
@click.argument("job", help=JOB)
@click.pass_obj
def cancel(on: Session, job: str) -> None:
    from engine.commands import Refusal
    from workflows.labour.stopping import stop

    with on.desk() as desk:
        after = stop(rooms_of(desk)[1], job)
    if isinstance(after, Refusal):
        state = after.facts.get("state")
        raise on.refused(_refusal(after.code, **{**after.facts, **({"state": on.of(*STATES[state])} if state else {})}))
    said = on.of(f"作业 {job}：{STATES[after.state][0]}，已请求取消", f"Job {job}: {after.state}; asked to stop")
    answer(on, told(after), [said])
