"""The record taken home by whoever distrusts the office: a package, with what verifies it in it."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.files import written
from commands.render import answer
from commands.session import Session
from commands.times import through, zone_of

if TYPE_CHECKING:
    from workflows.packaging.bagged import Bag
    from workflows.packaging.taking import Taken

TASK = "只取这一事项及其下级，可重复 / Only this task and its children; may be repeated."
UNTIL = "只取到此时为止的记录，如 2022-12-31 / Only what was recorded by then."
OUT = "新的文件夹；加 --zip 则是文件 / A folder that is not there yet; a file with --zip."


@click.command(
    help="打成审计包，内附核验程序；导出留痕 / The record to take home, with its verifier; the taking is recorded."
)
@click.argument("out", type=click.Path(path_type=Path), help=OUT)
@click.option("--zip", "zipped", is_flag=True, help="打成一个 zip 文件 / One zip instead of a folder.")
@click.option("--task", "tasks", multiple=True, metavar="T", help=TASK)
@click.option("--until", metavar="D", help=UNTIL)
@click.pass_obj
def package(on: Session, out: Path, tasks: tuple[str, ...], until: str | None, *, zipped: bool) -> None:
    from engine.reasons import reason_of
    from storage.moment import moment
    from storage.opening import opened_engine
    from workflows.desk import NotHeld
    from workflows.packaging.taking import books, noted, strange, written
    from workflows.packaging.values import Scope

    if out.exists():
        raise on.no(f"{out} 已存在；换个名称。", f"{out} already exists; give another name.")
    with on.desk() as desk:
        scope = Scope(tasks, through(until, zone_of(desk), "--until") if until is not None else None)
        refusal = strange(desk, scope)
        if refusal is not None:
            raise on.refused(refusal)
        try:
            known = books(desk)
        except LookupError as error:
            why = error.cause if isinstance(error, NotHeld) else reason_of(error)
            zh = f"{why.zh}；请用发布它的版本的程序打包。"
            raise on.no(zh, f"{why.en}; take the package with the version of the program that published it.") from error
        with _bag(on, out, zipped=zipped) as bag, opened_engine(on.db) as engine, _progress(on) as told:
            ref = noted(desk, on.user, scope, known)
            with moment(engine) as now:
                taken = written(desk, now, bag, scope, known, ref, told)
    answer(on, _told(out, taken), [_said(on, out, taken), _next(on, out)])


def _told(out: Path, taken: Taken) -> dict[str, object]:
    counts = {"events": taken.events, "streams": taken.streams, "files": taken.files, "leaves": taken.leaves}
    return {"package": str(out), "noted": taken.ref, "bytes": taken.bytes, **counts}


def _said(on: Session, out: Path, taken: Taken) -> str:
    return on.of(
        f"已打包到 {out}：{taken.streams} 条链，{taken.events} 条记录，{taken.files} 个文件，"
        f"{taken.bytes / 1e6:.1f} MB。"
        f"导出审计包已记录：{taken.ref}。",
        f"Packaged in {out}: {taken.streams} chains, {taken.events} events, {taken.files} files, "
        f"{taken.bytes / 1e6:.1f} MB. That it was taken is recorded: {taken.ref}.",
    )


def _next(on: Session, out: Path) -> str:
    return on.of(
        f"核验：python3 verify_package.py {out}（程序在包里，不需要本软件）",
        f"To verify it: python3 verify_package.py {out} (the program is in the package and needs nothing of this one)",
    )


@contextmanager
def _bag(on: Session, out: Path, *, zipped: bool) -> Iterator[Bag]:
    """A package appears under its name when it is whole, and only its owner reads it."""
    from workflows.packaging.bagged import Bag, Folder, Zip

    with written(on, out):
        part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            if zipped:
                whole = part / out.name
                with zipfile.ZipFile(whole, "x") as archive:
                    yield Bag(Zip(archive, out.stem))
                whole.chmod(0o600)
                whole.rename(out)
            else:
                yield Bag(Folder(part))
                part.rename(out)
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _progress(on: Session) -> Iterator[Callable[[int], None]]:
    """How many events were written, on stderr."""
    from rich.console import Console

    with Console(stderr=True, quiet=on.json).status("…") as status:

        def told(count: int) -> None:
            if count % STEP == 0:
                status.update(f"{on.of('记录', 'events')} {count}")

        yield told


STEP = 1_000
