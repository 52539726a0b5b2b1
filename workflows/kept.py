"""The file of a long run's results, one a line under a heading: a run that was stopped goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Otherwise(RuntimeError):
    """A file of results belongs to another run, as its heading says; the message is its path."""


def results_in(file: Path, heading: Mapping[str, Any]) -> list[Any]:
    """What the file holds; a new file gets its heading. A line that a crash tore is taken away. Raises `Otherwise`."""
    if not file.exists():
        keep(file, [heading])
        return []
    first, *lines = file.read_text(encoding="utf-8").split("\n")
    if _parsed(first) != heading:
        raise Otherwise(str(file))
    whole = lines[:-1]
    file.write_text("".join(f"{line}\n" for line in (first, *whole)), encoding="utf-8")
    return [json.loads(line) for line in whole]


def keep(file: Path, results: Iterable[Mapping[str, Any]]) -> None:
    """Add results at the end."""
    with file.open("a", encoding="utf-8") as out:
        out.write("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in results))


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
