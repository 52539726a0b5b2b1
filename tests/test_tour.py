"""The tour and the page of reasons say of the house what the house is: floors, rooms, and where each library lives."""

import importlib.metadata
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.test_architecture import FLOORS, HOMES

ROOT = Path(__file__).resolve().parent.parent
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
WHY = (ROOT / "docs" / "why.md").read_text(encoding="utf-8")


def _table(text: str, head: str) -> Iterator[list[str]]:
    """The rows of the table that begins with a cell."""
    rows = text[text.index(f"| {head} |") :].split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return ([cell.strip() for cell in row.split("|")[1:-1]] for row in rows)


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def floors_told(text: str) -> dict[str, int]:
    return {room: int(row[0]) for row in _table(text, "floor") if row[0].isdecimal() for room in _quoted(row[1])}


def rooms_told(text: str) -> list[str]:
    """The rooms of `workflows` without the room within one that has an order of its own."""
    named = [_quoted(row[1])[0] for row in _table(text, "order")]
    return [room for room in named if "." not in room]


def test_the_tour_names_every_floor_and_room() -> None:
    assert floors_told(TOUR) == FLOORS
    assert sorted(rooms_told(TOUR)) == sorted(file.parent.name for file in (ROOT / "workflows").glob("*/__init__.py"))


def test_a_room_that_is_left_out_of_the_tour_is_missed() -> None:
    assert set(FLOORS) - set(floors_told(TOUR.replace("| 3 | `jobs`", "| 3 | jobs"))) == {"jobs"}


def _modules() -> Mapping[str, list[str]]:
    """The modules that each distribution brings, by its name in small letters."""
    found: dict[str, list[str]] = {}
    for module, distributions in importlib.metadata.packages_distributions().items():
        for each in distributions:
            found.setdefault(each.lower().replace("_", "-"), []).append(module)
    return found


def homes_misnamed(text: str, homes: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The libraries of the table whose homes are others than those that the code is held to."""
    modules, wrong, left = _modules(), [], set(homes)
    for packages, _licence, _what, where in _table(text, "package"):
        own = {module for each in packages.split(", ") for module in modules.get(each.split(" ")[0].lower(), ())}
        known = own & set(homes)
        left -= known
        if known and set(_quoted(where)) != {home for module in known for home in homes[module]}:
            wrong.append(packages)
    return wrong + sorted(left)


def test_each_library_is_where_the_page_says() -> None:
    """And none that has a home is left out."""
    assert homes_misnamed(WHY, HOMES) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("`workflows/texts.py`, ", "", "Jinja2"),
        ("| alembic |", "| alembik |", "alembic"),
        ("`web/api/`", "`web/`", "pydantic"),
    ],
)
def test_a_home_that_is_told_wrongly_is_found(old: str, new: str, told: str) -> None:
    assert homes_misnamed(WHY.replace(old, new, 1), HOMES) == [told]
