"""Reading from disk what people keep in files: definition folders, working calendars and task lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.calendars import Calendar
from engine.document import Document
from engine.loading import Loaded, load
from engine.problems import Spoken
from engine.reading import read

PROCESS = "process.yaml"
"""The text of a definition in its folder."""


class UnknownCalendar(Spoken, LookupError):
    """No calendar of that name comes with the product; `known` are those that do."""

    def __init__(self, name: str, known: list[str]) -> None:
        listed = ", ".join(known)
        super().__init__(f"没有日历 {name}；可用的有：{listed}", f"no calendar {name!r}; known: {listed}")
        self.name, self.known = name, known


def load_process(path: Path) -> Loaded:
    """Load a definition from its file, or from the folder that holds its `process.yaml`. Raises `OSError`."""
    file = path / PROCESS if path.is_dir() else path
    return load(file.read_bytes(), str(file))


TEMPLATES = "templates"
"""The folder of Word files beside a definition."""


def templates_beside(file: Path) -> Callable[[str], bytes | None]:
    """Finds the templates of a definition in its file or folder."""
    folder = (file if file.is_dir() else file.parent) / TEMPLATES

    def found(name: str) -> bytes | None:
        path = folder / name
        return path.read_bytes() if path.is_file() else None

    return found


Finds = Callable[[str], bytes | None]
"""Finds a file by its name; None where there is none."""


def nothing(_name: str) -> None:
    """Finds nothing."""


@dataclass(frozen=True)
class Beside:
    """The files that belong to a definition: Word templates (None where they are uploaded, or kept from an earlier
    edition) and scenarios.
    """

    templates: Finds | None = None
    scenarios: Finds = nothing


ALONE = Beside()
"""Of a text that stands alone."""


def beside(file: Path) -> Beside:
    """What stands beside a definition in its file or folder; scenarios from nowhere else."""
    folder = file if file.is_dir() else file.parent

    def scenarios(name: str) -> bytes | None:
        path = folder / name
        inside = path.resolve().is_relative_to(folder.resolve())
        return path.read_bytes() if inside and path.is_file() else None

    return Beside(templates_beside(file), scenarios)


def definitions_folder() -> Path:
    """The folder of the definitions that come with the program: beside its packages, in a checkout and installed."""
    return Path(__file__).resolve().parent.parent / "definitions"


def calendar_names() -> list[str]:
    """The calendars that come with the product."""
    folder = definitions_folder() / "calendars"
    return sorted(each.name.removesuffix(".yaml") for each in folder.iterdir() if each.name.endswith(".yaml"))


@cache
def calendar_named(name: str) -> Calendar:
    """A calendar that comes with the product. Raises `UnknownCalendar`, and `CalendarError` for a bad file."""
    folder, known = definitions_folder() / "calendars", calendar_names()
    if name not in known:
        raise UnknownCalendar(name, known)
    document = read((folder / f"{name}.yaml").read_bytes(), f"{name}.yaml")
    assert isinstance(document, Document), f"a calendar of the product cannot be read: {document}"
    data: Any = document.data
    return Calendar.from_mapping(data)
