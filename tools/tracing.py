"""Requirements traced: which line of a definition serves a rule, which scenario shows it, and which rules bind
nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.document import Path as Place

CLAIMS = "properties"
"""Properties cite rules too, but they claim; what a rule demands is done elsewhere."""


@dataclass(frozen=True)
class Line:
    """A part of a definition that cites rules: where it stands (keys and indexes from the top), and what it is
    called.
    """

    place: Place
    rules: tuple[str, ...]
    titles: Mapping[str, str]

    @property
    def path(self) -> str:
        """Where it stands, as one word: `transitions.3` reads `transitions[3]`."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place).lstrip(".")

    @property
    def claim(self) -> bool:
        """Whether it is a property."""
        return CLAIMS in self.place


def lines(data: Any, place: Place = ()) -> Iterator[Line]:
    """Every part of a definition that cites a rule, in the order of the text."""
    if isinstance(data, Mapping):
        cited = data.get("rule")
        if cited is not None and "exhortations" not in place:
            rules = tuple(cited) if isinstance(cited, list) else (str(cited),)
            yield Line(place, rules, {"zh": _title(data, "zh"), "en": _title(data, "en")})
        for key, value in data.items():
            yield from lines(value, (*place, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from lines(value, (*place, number))


def _title(data: Mapping[str, Any], lang: str) -> str:
    for key in (lang, "name", "trigger", "notice", "open", "fire", "publish", "state"):
        if isinstance(data.get(key), str):
            return str(data[key])
    return next((key for key in data if key != "rule"), "")


def without(data: Any, place: Place) -> Any:
    """A copy of plain data with the part at a place taken away."""
    head, *rest = place
    items = enumerate(data) if isinstance(data, list) else data.items()
    kept = [(key, without(value, tuple(rest)) if key == head else value) for key, value in items if key != head or rest]
    return [value for _, value in kept] if isinstance(data, list) else dict(kept)
