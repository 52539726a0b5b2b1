"""The moves that a body allows, as far as its guards speak of the state itself: the alphabet of its logs.

An edge is (from, trigger, to); where a task comes under the edition, from is "". A correction may lead from where an
act led back to any state, for what it takes back is not told by the state alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.cel.settled import settled
from engine.edition import Sheet
from engine.endings import PARENT_ENDED
from engine.machine import sources
from engine.model import Child, Transition
from engine.model.transitions import PREVIOUS, STAY

Edge: TypeAlias = tuple[str, str, str]


def label(edge: Edge) -> str:
    """An edge as logs name it."""
    return "|".join(edge)


def edges(sheet: Sheet) -> list[Edge]:
    """Every edge of a body, each once, in the order of the definition."""
    return list(dict.fromkeys([*_entries(sheet), *_moves(sheet), *_closings(sheet)]))


def _entries(sheet: Sheet) -> Iterator[Edge]:
    yield "", "registered", sheet.body.initial
    for name in sheet.body.states:
        for way in ("opening", "migrated", "restored"):
            yield "", way, name


def _moves(sheet: Sheet) -> Iterator[Edge]:
    for transition in sheet.body.transitions:
        for start in sources(sheet.body, transition):
            yield from ((start, transition.trigger, end) for end in _ends(sheet, transition, start))


def _ends(sheet: Sheet, transition: Transition, start: str) -> Iterator[str]:
    for branch in transition.to:
        holds = True if branch.when is None else settled(sheet.expressions[branch.when].root, start)
        if holds is False:
            continue
        if branch.state == PREVIOUS:
            yield from sheet.body.states
        else:
            yield start if branch.state == STAY else branch.state
        if holds:
            return


def _closings(sheet: Sheet) -> Iterator[Edge]:
    """A parent that ends, or an act of it that is taken back, closes its open children."""
    body = sheet.body
    if isinstance(body, Child):
        end = body.cancelled or next((name for name, state in body.states.items() if state.final), None)
        if end is not None:
            yield from ((name, PARENT_ENDED, end) for name, state in body.states.items() if not state.final)
