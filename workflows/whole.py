"""Files that appear under their names when they are whole and on the disk: after a crash or a failure there is what was
there before, or what is meant to be, and nothing between. Whoever is killed may leave a `.NAME.….part` beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

OWNER = 0o600
"""Nobody but the owner reads it."""


@contextmanager
def whole(file: Path, mode: int = OWNER) -> Iterator[Path]:
    """A file beside this one, to be written; where the block ends well it takes the name, otherwise it is gone. Raises
    `OSError`.
    """
    with _beside(file, mode) as part:
        yield part
        _settle(part)
        part.replace(file)
    _settle(file.parent)


def write_whole(file: Path, text: str, mode: int = OWNER) -> None:
    """Write a file, or write it anew. Raises `OSError`."""
    with whole(file, mode) as part:
        part.write_text(text, encoding="utf-8")


def write_new(file: Path, text: str, mode: int = OWNER) -> None:
    """Write a file that must not be there yet: a second name is given to what is on the disk, which the system does for
    one alone. Raises `FileExistsError`, and any other `OSError` (also where a disk knows no second names).
    """
    with _beside(file, mode) as part:
        part.write_text(text, encoding="utf-8")
        _settle(part)
        os.link(part, file)
    _settle(file.parent)


@contextmanager
def _beside(file: Path, mode: int) -> Iterator[Path]:
    """An empty file of a name that nobody else takes; it is gone at the end, unless the program was killed."""
    part = file.with_name(f".{file.name}.{token_hex(4)}.part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _settle(place: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    held = os.open(place, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
