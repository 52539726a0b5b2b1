"""The main job, to watch: two cities' supervision years lived through, month by month."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from commands.demo_told import farewell, kept_in, show, shown_progress
from commands.serve import HOST, PORT, Stand, serve_on
from commands.session import REHEARSAL, No, Session, wrong
from commands.times import moment
from commands.worker import log_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.offices import Office
    from workflows.audit.sealing.signing import Pen
    from workflows.clock import VirtualClock
    from workflows.demo.year import Year
    from workflows.desk import Desk
    from workflows.papers.ports import Papers

FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")
"""The founding processes, in the order of their years: one virtual clock lives through both."""

INTO = "放到哪个文件夹 / The folder that it is left in."
SERVE = "在浏览器中办理：各角色的用户、可拨动的时钟 / In a browser: a user for each role, and a clock to move."
UNTIL = (
    "走到此时为止，留下在办的事；--serve 默认 2022-05-05 / "
    "Live until then, and leave what is under way; with --serve by default 2022-05-05."
)
BEGINS = "2022-01-01T00:00:00+08:00"
ZONE = "Asia/Shanghai"
MADE = ("duban.db*", "duban-jobs.db*", "seal.key*", "publications/*.txt", "publications/*.docx")
"""What a demonstration leaves in its folder."""

KEY, ORIGIN = "seal.key", "demo.duban"
"""The key with which heads of a demonstration are signed. It lies beside the database, where no real one belongs."""

STANDS = "2022-05-05T09:00"
"""When a demonstration is served from, unless told otherwise: a month's report is late and will show a lag, the work
of partners is open, and eight months of the year lie ahead."""


@click.command(help="演示：两市全年督办，逐月推演 / Two cities' supervision years, lived through month by month.")
@click.option("--into", type=click.Path(path_type=Path), default=Path("duban-demo"), show_default=True, help=INTO)
@click.option("--force", is_flag=True, help="覆盖已有的演示 / Replace an earlier demonstration.")
@click.option("--until", metavar="T", help=UNTIL)
@click.option("--serve", is_flag=True, help=SERVE)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help=HOST)
@PORT
@click.pass_obj
def demo(on: Session, into: Path, until: str | None, host: str, port: int, *, force: bool, serve: bool) -> None:
    url = f"sqlite:///{into / 'duban.db'}"
    if (into / "duban.db").is_file():
        _never_real_work(on, into, url)
    if not serve:
        _live(on, into, url, until, force=force)
    elif force or not (into / "duban.db").is_file():
        _live(on, into, url, STANDS if until is None else until, force=force, quiet=True)
    elif until is not None:
        zh = f"{into} 里已有演示；要从 {until} 重新开始，请加 --force。"
        raise on.no(zh, f"{into} holds a demonstration; --force begins anew, from {until}.")
    if serve:
        key = into / KEY if (into / KEY).is_file() else None
        serve_on(replace(on, db=url), Stand(host, port, (60.0, 2.0), demo=True, key=key))


def _never_real_work(on: Session, into: Path, url: str) -> None:
    """A database that is not certainly a rehearsal is neither replaced, whatever is forced, nor given the users of a
    demonstration, whose password everybody knows.
    """
    from storage import StoreProblem, open_store
    from workflows.desk import PURPOSE

    try:
        store = open_store(url)
    except StoreProblem:
        purpose = None
    else:
        purpose = store.note(PURPOSE)
        store.close()
    if purpose != REHEARSAL:
        raise on.no(
            f"{into / 'duban.db'} 不是这个版本的演示库；请用 --into 另选一个文件夹，或先把它移走。",
            f"{into / 'duban.db'} is no demonstration of this version; choose another folder with --into, or move it.",
        )


def _live(on: Session, into: Path, url: str, until: str | None, *, force: bool, quiet: bool = False) -> None:
    ends = moment(until, ZoneInfo(ZONE), "--until") if until is not None else None
    if ends is not None and ends <= datetime.fromisoformat(BEGINS):
        raise wrong(f"--until：演示自 {BEGINS[:10]} 开始。", f"--until: the demonstration begins on {BEGINS[:10]}.")
    _make_room(on, into, force=force)
    with on.told_plainly(), shown_progress(on) as progress:
        years = list(_years(on, into, url, progress, ends))
    told = [kept_in(into, year) for year in years]
    if not quiet:
        _tell(on, into, url, years, told)


def _tell(on: Session, into: Path, url: str, years: list[Year], told: list[dict[str, Any]]) -> None:
    if on.json:
        from commands.render import answer

        answer(on, {"db": url, "years": told})
        return
    from rich.console import Console

    console = Console(width=None if Console().is_terminal else 140, highlight=False)
    for year in years:
        show(on, console, year)
    farewell(on, into, url, years)


def _make_room(on: Session, into: Path, *, force: bool) -> None:
    """An earlier demonstration goes; anything else that stands in the way is left alone."""
    files = [path for kind in MADE for path in into.glob(kind)] if into.is_dir() else []
    strangers = (
        [path for path in into.iterdir() if path not in files and path.name != "publications"] if into.is_dir() else []
    )
    if into.is_file() or strangers:
        raise on.no(
            f"{into} 里有别的文件；请用 --into 另选一个文件夹。",
            f"{into} holds other things; choose another folder with --into.",
        )
    if files and not force and not (into / "duban.db").is_file():
        raise on.no(
            f"{into} 不是演示文件夹；确要覆盖请加 --force。", f"{into} is no demonstration; --force replaces it."
        )
    for file in files:
        file.unlink()
    (into / "publications").mkdir(parents=True, exist_ok=True)


def _print(into: Path, papers: Papers) -> None:
    """Leave every document as it was issued: its id, its number, and the Word file."""
    for document in papers.documents():
        content = papers.file(document.digest)
        assert content is not None, "a document is kept as issued"
        (into / "publications" / f"{document.id:03d}-{document.number.text}.docx").write_bytes(content)


def _years(
    on: Session, into: Path, url: str, progress: Callable[[str, int, int], None], until: datetime | None
) -> Iterator[Year]:
    from storage.offices import open_office
    from workflows.clock import VirtualClock
    from workflows.demo.visitors import keep_units
    from workflows.demo.year import begins, live
    from workflows.sources import definitions_folder

    clock = VirtualClock(datetime.fromisoformat(BEGINS))
    office = open_office(url, create=True, clock=clock)
    try:
        desk, papers, close = _desk(on, office, clock)
        sealed = _sealed(desk, into / KEY)
        visited = partial(_everyday, desk, office) if until else _nothing
        named = partial(keep_units, office.people) if until else _nothing

        def moved() -> None:
            visited()
            sealed.moved()

        for process in FOUNDING:
            folder = definitions_folder() / process
            if until is None or begins(folder) <= until.astimezone(ZoneInfo(ZONE)).date():
                with _stops(on):
                    told = partial(progress, process)
                    yield live(desk, folder, clock, told, until=until, moved=moved, named=named)
        sealed.now()
        close()
        _print(into, papers)
    finally:
        office.close()


def _desk(on: Session, office: Office, clock: VirtualClock) -> tuple[Desk, Papers, Callable[[], None]]:
    """A desk for a rehearsal, with the documents, and what lets go of their printer."""
    from documents.press import Press
    from engine.events import iso
    from storage import StoreBusy
    from workflows.desk import CLOCK, PURPOSE, Desk

    office.store.set_note(PURPOSE, REHEARSAL)
    office.store.set_note(CLOCK, iso(clock()))
    press = Press()
    desk = Desk(
        office.store,
        clock,
        channel="rehearsal",
        login=on.login,
        people=office.people,
        busy=(StoreBusy,),
        papers=office.documents,
        press=press,
    )
    return desk, office.documents, press.close


def _nothing(*_: object) -> None:
    """A year that is only looked at has no visitors, and keeps no units."""


@dataclass
class _Seal:
    """What puts the record into the tree and signs its head, as the standing job does elsewhere: here whenever another
    month has begun, so that what is issued in it bears a head, and in the end.
    """

    desk: Desk
    pen: Pen
    month: str = ""

    def moved(self) -> None:
        """Time has run."""
        if (month := f"{self.desk.clock():%Y-%m}") != self.month:
            self.month = month
            self.now()

    def now(self) -> None:
        from workflows.audit.sealing.growing import Sealed, seal

        answer = seal(self.desk.store, log_of(self.desk), self.pen)
        assert isinstance(answer, Sealed), answer


def _sealed(desk: Desk, key: Path) -> _Seal:
    from workflows.audit.sealing.keyring import make_key, pen_of
    from workflows.audit.sealing.signing import Pen

    make_key(key, ORIGIN)
    pen = pen_of(key)
    assert isinstance(pen, Pen), "it was made a moment ago"
    return _Seal(desk, pen)


def _everyday(desk: Desk, office: Office) -> None:
    """Whenever time has run there are users for whoever is named now, and they are told what they would be told."""
    from post.providers import nowhere
    from workflows.demo.visitors import settle
    from workflows.post.planning import plan_all
    from workflows.post.sending import Round, deliver

    settle(desk, office.people)
    plan_all(desk, office.people, office.post)
    deliver(Round(office.post, nowhere(), desk.clock, lambda: 0.0))


@contextmanager
def _stops(on: Session) -> Iterator[None]:
    from workflows.demo.year import StoryStopped

    try:
        yield
    except StoryStopped as stopped:
        refused = on.refused(stopped.refusal, stopped.edition, stopped.kind)
        raise No(f"{stopped.where}: {refused.message}", refused.answer) from stopped
