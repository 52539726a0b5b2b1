"""The whole database as one file, while it is in use, and back into an empty one: `duban backup`, `duban restore`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.database import make_folder
from commands.files import written
from commands.render import answer
from commands.session import Session

if TYPE_CHECKING:
    from storage.backup import Kept

FILE = click.Path(dir_okay=False, path_type=Path)
TO = "备份写到哪个文件（.zip） / The file that it is written to (a .zip)."


@click.command(help="备份整个数据库，服务不必停 / Back up the whole database; it may be in use.")
@click.option("--to", "file", required=True, type=FILE, help=TO)
@click.option("--force", is_flag=True, help="覆盖已有的文件 / Replace a file that is there.")
@click.pass_obj
def backup(on: Session, file: Path, *, force: bool) -> None:
    from storage.backup import back_up
    from storage.opening import opened_engine
    from workflows.whole import whole

    if file.exists() and not force:
        raise on.no(
            f"{file} 已存在；换个名称，或加 --force。", f"{file} already exists; give another name, or --force."
        )
    with on.told_plainly(), opened_engine(on.db) as engine, _bars(on) as told, written(on, file), whole(file) as part:
        with part.open("wb") as out:
            kept = back_up(engine, out, told)
        size = part.stat().st_size
    said = on.of(
        f"已备份到 {file}：{kept.total} 行，{kept.chains} 条链，{size / 1e6:.1f} MB。内有密码摘要，请妥善保管。",
        f"Backed up to {file}: {kept.total} rows, {kept.chains} chains, {size / 1e6:.1f} MB. It holds hashes of "
        "passwords: keep it safe.",
    )
    answer(on, {"file": str(file), "bytes": size, **_told(kept)}, [said])


@click.command(help="把备份恢复到空库 / Restore a backup into an empty database.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="备份文件 / The backup.")
@click.pass_obj
def restore(on: Session, file: Path) -> None:
    from storage.backup import restore as bring_back
    from storage.opening import opened_engine

    make_folder(on)
    with on.told_plainly(), opened_engine(on.db, create=True) as engine, _bars(on) as told:
        kept = bring_back(engine, file, told)
    said = on.of(
        f"已恢复到 {on.db}：{kept.total} 行，{kept.chains} 条链，摘要全部一致。",
        f"Restored to {on.db}: {kept.total} rows, {kept.chains} chains, every digest as it was.",
    )
    answer(on, {"db": on.db, **_told(kept)}, [said])


def _told(kept: Kept) -> dict[str, object]:
    return {"revision": kept.revision, "rows": dict(kept.rows), "chains": kept.chains, "heads": kept.heads}


@contextmanager
def _bars(on: Session) -> Iterator[Callable[[str, int], None]]:
    """What is being done, on stderr."""
    from rich.console import Console

    with Console(stderr=True, quiet=on.json).status("…") as status:
        yield lambda name, rows: status.update(f"{name} {rows}")
