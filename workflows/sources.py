"""Reading from disk what people keep in files: definition folders, working calendars and task lists."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from engine.calendars import Calendar
from engine.document import Document
from engine.loading import Loaded, load
from engine.reading import read

PROCESS = "process.yaml"
"""The text of a definition in its folder."""


class UnknownCalendar(LookupError):
    """No calendar of that name comes with the product; `known` are those that do."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"no calendar {name!r}; known: {', '.join(known)}")
        self.name, self.known = name, known


def load_process(path: Path) -> Loaded:
    """Load a definition from its file, or from the folder that holds its `process.yaml`. Raises `OSError`."""
    file = path / PROCESS if path.is_dir() else path
    return load(file.read_bytes(), str(file))


@cache
def calendar_named(name: str) -> Calendar:
    """A calendar that comes with the product. Raises `UnknownCalendar`, and `CalendarError` for a bad file."""
    folder = files("definitions") / "calendars"
    known = sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml"))
    if name not in known:
        raise UnknownCalendar(name, known)
    document = read((folder / f"{name}.yaml").read_bytes(), f"{name}.yaml")
    assert isinstance(document, Document), f"a calendar of the product cannot be read: {document}"
    data: Any = document.data
    return Calendar.from_mapping(data)
