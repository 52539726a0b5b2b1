"""Files that a command writes: one that cannot be written is told with what would help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workflows.whole import whole

if TYPE_CHECKING:
    from pathlib import Path

    from commands.session import No, Session


def write_out(on: Session, file: Path, content: str | bytes) -> None:
    """Write a text or bytes to a file. Refuses where that is impossible."""
    with taken_out(on, file) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def taken_out(on: Session, file: Path) -> Iterator[Path]:
    """Where what becomes a file is written: it takes the name when it is whole, so that a full disk leaves what was
    there before. What is no plain file, as a pipe, is written as it is. Refuses where that is impossible.
    """
    with written(on, file):
        there = file.resolve()
        if there.exists() and not there.is_file():
            yield there
            return
        with whole(there, there.stat().st_mode & 0o777 if there.exists() else 0o666) as part:
            yield part


@contextmanager
def written(on: Session, file: Path) -> Iterator[None]:
    """Where a file is written: refuses where that is impossible."""
    try:
        yield
    except OSError as error:
        raise unwritten(on, file, error) from error


def unwritten(on: Session, file: Path, error: OSError) -> No:
    """That a file cannot be written, with what would help."""
    from engine.reasons import reason_of

    why = reason_of(error)
    return on.no(
        f"写不了文件 {file}（{why.zh}）；请换一个地方。",
        f"The file {file} cannot be written ({why.en}); choose another place.",
    )


def unread(on: Session, file: Path, error: Exception) -> No:
    """That a file cannot be read, or not as what it should be."""
    from engine.reasons import reason_of

    why = reason_of(error)
    return on.no(f"无法读取 {file}：{why.zh}。", f"{file} cannot be read: {why.en}.")
