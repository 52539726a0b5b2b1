"""The file of a long run's results, one a line under a heading: a run that was stopped goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Otherwise(RuntimeError):
    """A file of results belongs to another run, as its heading says, or is none; the message is its path."""


def results_in(file: Path, heading: Mapping[str, Any]) -> list[Any]:
    """What the file holds; a new file gets its heading. A line that a crash tore is taken away, and nothing else of the
    file is written again: who is stopped once more loses nothing. Raises `Otherwise`.
    """
    told = file.read_bytes() if file.exists() else b""
    whole = told[: told.rfind(b"\n") + 1]
    if not whole and _line(heading).encode().startswith(told):  # new, or stopped while it was begun
        file.write_text(_line(heading), encoding="utf-8")
        return []
    first, *lines = map(_parsed, whole.decode(errors="replace").split("\n")[:-1] or [""])
    if first != heading or not all(isinstance(each, dict) for each in lines):
        raise Otherwise(str(file))
    os.truncate(file, len(whole))
    return lines


def keep(file: Path, results: Iterable[Mapping[str, Any]]) -> None:
    """Add results at the end."""
    with file.open("a", encoding="utf-8") as out:
        out.write("".join(map(_line, results)))


def _line(result: Mapping[str, Any]) -> str:
    return f"{json.dumps(result, ensure_ascii=False)}\n"


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
