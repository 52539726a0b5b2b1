"""The web on this machine, with the jobs beside it: `duban serve`."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from commands.database import SQLITE, init
from commands.logs import set_up
from commands.redacting import eraser_of
from commands.render import answer
from commands.session import Session
from commands.worker import POST_EVERY, SWEEP_EVERY, begun, home_of, log_of, rooms_engine, rooms_of, tools_of

if TYPE_CHECKING:
    from pathlib import Path

    from web.house import House, Oidc
    from workflows.desk import Desk
    from workflows.people.ports import People

GRACE = 10
"""Seconds that requests under way have when the server stops."""

KEPT_OPEN = 75
"""Seconds that an idle connection stays open: longer than a proxy (nginx: 60) keeps it, which otherwise may ask on one
that is being closed."""

PROXIES = "DUBAN_PROXIES"
"""Names the proxies that are believed when they say for whom they ask; by default one on this machine."""

HOST = "监听地址；0.0.0.0 对外开放 / The address to listen at; 0.0.0.0 is open to all."
NO_WORKER = "不在此运行作业，另用 duban worker / Run no jobs here; duban worker does elsewhere."
PROCESSES = (
    "几个进程一起服务，每个用一个核；作业只在第一个 / How many processes serve, each on a core; one has the jobs."
)
HTTPS = "前有 https 代理：登录标记只经 https 发送 / Behind an https proxy: cookies travel by https only."


PORT = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N", help="端口 / Port."
)


@dataclass(frozen=True)
class Stand:
    """How a server stands: where, with jobs at which pace (none: they run elsewhere), what for, and the file of the key
    with which heads are signed where the environment names none.
    """

    host: str
    port: int
    paces: tuple[float, float] | None
    https: bool = False
    demo: bool = False
    processes: int = 1
    key: Path | None = None


@click.command(help="启动网页服务，连同作业 / Serve the web, with the jobs beside it.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=HOST)
@PORT
@click.option("--no-worker", is_flag=True, help=NO_WORKER)
@click.option("--https", is_flag=True, help=HTTPS)
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N", help=PROCESSES)
@SWEEP_EVERY
@POST_EVERY
@click.pass_context
def serve(
    ctx: click.Context,
    host: str,
    port: int,
    processes: int,
    sweep_every: float,
    post_every: float,
    *,
    no_worker: bool,
    https: bool,
) -> None:
    on: Session = ctx.obj
    if _new(on):
        ctx.invoke(init, rehearsal=None)
    paces = None if no_worker else (sweep_every, post_every)
    serve_on(on, Stand(host, port, paces, https, processes=processes))


def serve_on(on: Session, stand: Stand) -> None:
    """Serve until a signal to stop."""
    from commands.crew import crew

    set_up()
    with on.office() as (desk, people), _listening(on, stand.host, stand.port) as door:
        if stand.demo:
            from workflows.demo.visitors import settle

            settle(desk, people)
        with crew(serve_beside, (on, stand, door), stand.processes - 1, GRACE + 5):
            house = house_of(on, desk, people, https=stand.https, demo=stand.demo)
            with _jobs(on, desk, people, stand):
                _greet(on, people, door)
                _run(house, door)


def serve_beside(on: Session, stand: Stand, door: socket.socket) -> None:
    """Serve at a door that another process has opened, which has the jobs and the watch over time too."""
    set_up()
    with on.office() as (desk, people):
        _run(house_of(on, desk, people, https=stand.https), door)


def _new(on: Session) -> bool:
    """Whether the database is a file that is still to be made."""
    return on.db.startswith(SQLITE) and not os.path.exists(on.db.removeprefix(SQLITE).partition("?")[0])  # noqa: PTH110


def house_of(on: Session, desk: Desk, people: People, *, https: bool, demo: bool = False) -> House:
    """What the pages need, over the database of a desk."""
    from storage import machine
    from storage.lists import SqlLists
    from storage.receipts import SqlReceipts
    from web.house import House, Settings

    post, labour = rooms_of(desk)
    settings = Settings(https=https, demo=demo, oidc=_provider(on, os.environ), home=_home(on))
    engine = rooms_engine(desk)
    house = House(desk, people, SqlLists(engine), desk.papers, post, labour, settings, SqlReceipts(engine))
    house.log, house.eraser = log_of(desk), eraser_of(desk)
    house.require, house.size = partial(machine.require, engine), partial(machine.size, engine)
    house.database = machine.described(engine)
    return house


def _home(on: Session) -> str:
    """Where the pages stand, if it is set."""
    from engine.commands import Refusal
    from engine.reasons import reason_of

    try:
        return home_of(os.environ)
    except ValueError as error:
        raise on.refused(Refusal("bad_setting", {"reason": reason_of(error).both})) from error


def _provider(on: Session, told: Mapping[str, str]) -> Oidc | None:
    """The provider of OpenID Connect that the environment names, if any."""
    from web.house import Oidc

    names = ("DUBAN_OIDC_ISSUER", "DUBAN_OIDC_CLIENT_ID", "DUBAN_OIDC_CLIENT_SECRET")
    if not told.get(names[0]):
        return None
    missing = [name for name in names if not told.get(name)]
    if missing:
        raise on.no(f"缺少设置：{'、'.join(missing)}。", f"These settings are missing: {', '.join(missing)}.")
    label = told.get("DUBAN_OIDC_LABEL", "OpenID Connect")
    issuer, client, secret = (told[name] for name in names)
    return Oidc(issuer, client, secret, label)


@contextmanager
def _listening(on: Session, host: str, port: int) -> Iterator[socket.socket]:
    from engine.reasons import reason_of

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = reason_of(error)
        zh = f"{host}:{port} 用不了（{why.zh}）；请换 --port。"
        raise on.no(zh, f"{host}:{port} cannot be used ({why.en}); choose another --port.") from error
    with door:
        yield door


@contextmanager
def _jobs(on: Session, desk: Desk, people: People, stand: Stand) -> Iterator[None]:
    """The jobs run while the pages are served, unless they run elsewhere; that time runs is watched in any case."""
    from engine.commands import Refusal
    from engine.reasons import reason_of
    from jobs.watcher import Watcher

    try:
        tools = tools_of(desk, people, stand.key)
    except ValueError as error:
        raise on.refused(Refusal("bad_setting", {"reason": reason_of(error).both})) from error
    runner = None if stand.paces is None else begun(rooms_engine(desk), tools, stand.paces)
    watcher = Watcher(tools).start()
    try:
        yield
    finally:
        watcher.stop()
        if runner is not None:
            runner.stop()


def _greet(on: Session, people: People, door: socket.socket) -> None:
    host, port = door.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    lines = [on.of(f"督办已启动：{address}　Ctrl-C 停止", f"Duban is at {address}  Ctrl-C stops it")]
    first = not people.users()
    if first:
        add = f"duban --db {on.db} user add <name> --role admin"
        lines.append(
            on.of(f"还没有用户。请另开终端添加管理员：{add}", f"There is no user yet. In another terminal: {add}")
        )
    answer(on, {"address": address, "users": not first}, lines)


def _run(house: House, door: socket.socket) -> None:
    """Serve until a signal to stop; requests under way are answered first."""
    import uvicorn

    from commands.patience import Patient
    from web.app import make
    from web.garbage import put_aside

    for each in (signal.SIGINT, signal.SIGTERM):  # the server raises it again when it has stopped; then we go on
        signal.signal(each, lambda *_: None)

    app = make(house)
    put_aside(house)
    config: Any = uvicorn.Config(
        app,
        http=Patient,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get(PROXIES) or "127.0.0.1",
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEPT_OPEN,
    )
    uvicorn.Server(config).run(sockets=[door])
