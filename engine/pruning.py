"""What is left of a text when its faulty parts are taken out, so that the rest can still be checked.

The positions stay those of the author's text; indices in lists close up.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from engine.document import Data, Document, Path
from engine.problems import Position


def pruned(document: Document, doomed: AbstractSet[Path], filled: Mapping[Path, Data]) -> Document:
    """The document without the parts at the `doomed` paths, and with what is `filled` in where it was missing."""
    moved: dict[Path, Path] = {}
    data = _kept(document.data, (), (), doomed, moved)
    for path, value in filled.items():
        _fill(data, moved.get(path[:-1]), path[-1], value)
    return replace(
        document,
        data=data,
        positions=_moved(document.positions, moved),
        keys=_moved(document.keys, moved),
        styles={moved[path]: style for path, style in document.styles.items() if path in moved},
    )


def _kept(data: Any, path: Path, new: Path, doomed: AbstractSet[Path], moved: dict[Path, Path]) -> Any:
    """A copy of what stays; `moved` learns where each of its parts went."""
    moved[path] = new
    if isinstance(data, dict):
        steps = [step for step in data if (*path, step) not in doomed]
        return {step: _kept(data[step], (*path, step), (*new, step), doomed, moved) for step in steps}
    if isinstance(data, list):
        indices = [index for index in range(len(data)) if (*path, index) not in doomed]
        return [_kept(data[old], (*path, old), (*new, now), doomed, moved) for now, old in enumerate(indices)]
    return data


def _fill(data: Any, place: Path | None, step: str | int, value: Data) -> None:
    if place is None:
        return
    for each in place:
        data = data[each]
    if isinstance(data, dict):
        data[step] = value


def _moved(positions: Mapping[Path, Position], moved: Mapping[Path, Path]) -> dict[Path, Position]:
    return {moved[path]: position for path, position in positions.items() if path in moved}
