"""Files that appear under their names when they are whole and on the disk: after a crash or a failure there is what was
there before, or what is meant to be, and nothing between.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER = 0o600
"""Nobody but the owner reads it."""


@contextmanager
def whole(file: Path, mode: int = OWNER) -> Iterator[Path]:
    """A file beside this one, to be written; where the block ends well it takes the name, otherwise it is gone. Raises
    `OSError`.
    """
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode))
    try:
        yield part
        _settle(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    _settle(file.parent)


def write_whole(file: Path, text: str, mode: int = OWNER) -> None:
    """Write a file, or write it anew. Raises `OSError`."""
    with whole(file, mode) as part:
        part.write_text(text, encoding="utf-8")


def write_new(file: Path, text: str, mode: int = OWNER) -> None:
    """Write a file that must not be there yet. Raises `FileExistsError`, and any other `OSError`."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    _settle(file.parent)


def _settle(place: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    held = os.open(place, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
