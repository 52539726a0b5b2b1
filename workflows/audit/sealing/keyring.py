"""The key with which heads are signed, and what was signed with it: two files beside each other, outside the database.

`KEY` holds one line, the key as C2SP signed-note writes it; whoever can read it can sign, and so a file that others may
read is refused. `KEY.signed` holds the edge of the last tree that was signed of each origin. Both are
written under another name first, so that a crash leaves what was there or what was meant; a key is never written over,
and one that lost its memory would sign anything.
"""

from __future__ import annotations

import fcntl
import json
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes
from typing import Any

from engine.commands import Refusal
from engine.reasons import reason_of
from engine.tree import Edge, edge_of
from workflows.audit.sealing.checkpoints import KEY_BYTES, NoKey, Signer, signer_of
from workflows.audit.sealing.ports import MemoryFault
from workflows.audit.sealing.signing import Pen
from workflows.whole import write_new, write_whole

OTHERS = stat.S_IRWXG | stat.S_IRWXO
NAME = re.compile(r"[^\s+/]+(/[^\s+/]+)*")
"""An origin: no blank and no plus, for these part a key; a slash parts a host and a name."""


class MemoryBroken(MemoryFault):
    """What was signed cannot be read: nothing more is signed with this memory."""

    def __init__(self, file: Path) -> None:
        super().__init__(Refusal("seal_memory", {"file": str(file)}))


class MemoryUnkept(MemoryFault):
    """What is signed cannot be kept, for the disk is full or the file is not ours: nothing is signed."""

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(Refusal("seal_memory_unkept", {"file": str(file), "reason": reason_of(error).both}))


class FileMemory:
    """See `workflows.audit.sealing.ports.Memory`: a JSON object of origins, each with `size` and `edge`."""

    def __init__(self, key: Path) -> None:
        self._key, self._file = key, key.with_name(f"{key.name}.signed")

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._kept(self._key):
            held = self._key.open("rb")
        with held:  # closing it lets go of the lock
            with self._kept(self._key):
                fcntl.flock(held, fcntl.LOCK_EX)
            yield

    @staticmethod
    @contextmanager
    def _kept(file: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MemoryUnkept(file, error) from error

    def recall(self, origin: str) -> Edge | None:
        told = self._read().get(origin)
        return None if told is None else edge_of(told["size"], told["edge"])

    def remember(self, origin: str, edge: Edge) -> None:
        told = {**self._read(), origin: {"size": edge.size, "edge": edge.to_text()}}
        with self._kept(self._file):
            write_whole(self._file, json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n")

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            with self._kept(self._file):
                told = json.loads(self._read_text())
            for each in told.values():
                edge_of(each["size"], each["edge"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MemoryBroken(self._file) from error
        return dict(told)

    def _read_text(self) -> str:
        try:
            return self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return "{}"


def make_key(file: Path, origin: str) -> Signer | Refusal:
    """A new key in a new file that only its owner may read. Raises `OSError`."""
    if not NAME.fullmatch(origin):
        return Refusal("seal_name", {"name": origin})
    signer = Signer(origin, token_bytes(KEY_BYTES))
    try:
        write_new(file, f"{signer.to_text()}\n")
    except FileExistsError:
        return Refusal("seal_key_exists", {"file": str(file)})
    return signer


def pen_of(file: Path) -> Pen | Refusal:
    """The key in a file, with its memory; refuses one that is missing, that others may read, or that holds no key."""
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Refusal("seal_key_missing", {"file": str(file), "reason": reason_of(error).both})
    if mode & OTHERS:
        return Refusal("seal_key_open", {"file": str(file), "mode": f"{stat.S_IMODE(mode):o}"})
    try:
        return Pen(signer_of(text), FileMemory(file))
    except NoKey as error:
        return Refusal("seal_key_bad", {"file": str(file), "reason": error.text.both})
