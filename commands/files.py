"""Files that a command writes: one that cannot be written is told with what would help."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from commands.session import No, Session


def write_out(on: Session, file: Path, content: str | bytes) -> None:
    """Write a text or bytes to a file. Refuses where that is impossible."""
    with written(on, file):
        file.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def written(on: Session, file: Path) -> Iterator[None]:
    """Where a file is written: refuses where that is impossible."""
    try:
        yield
    except OSError as error:
        raise unwritten(on, file, error) from error


def unwritten(on: Session, file: Path, error: OSError) -> No:
    """That a file cannot be written, with what would help."""
    return on.no(
        f"写不了文件 {file}（{error.strerror}）；请换一个地方。",
        f"The file {file} cannot be written ({error.strerror}); choose another place.",
    )
