"""A move by the table that was read from the library is the move that the library makes, branch for branch."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
import transitions

from engine.edition import Sheet
from engine.loading import load
from engine.machine import Holds
from engine.model import Branch

DEFINITIONS = Path(__file__).parents[2] / "definitions"


def _sheets() -> list[tuple[str, Sheet]]:
    files = sorted(DEFINITIONS.rglob("process.yaml"))
    editions = [(file.parent.name, load(file.read_text(), file.name).edition) for file in files]
    return [
        (f"{name} {kind}", sheet) for name, edition in editions if edition for kind, sheet in edition.sheets.items()
    ]


SHEETS = _sheets()


def _asking(branches: tuple[Branch, ...], truths: tuple[bool, ...], asked: list[int]) -> Holds:
    def holds(branch: Branch) -> bool:
        number = next(n for n, each in enumerate(branches) if each is branch)
        asked.append(number)
        return truths[number]

    return holds


@pytest.mark.parametrize("sheet", [sheet for _, sheet in SHEETS], ids=[name for name, _ in SHEETS])
def test_both_move_alike_whatever_holds(sheet: Sheet) -> None:
    moves = 0
    for transition in sheet.body.transitions:
        branches = tuple(transition.to)
        for state, truths in product(sheet.starts[transition.trigger], product((True, False), repeat=len(branches))):
            ours, theirs = list[int](), list[int]()
            mine = sheet.machine.move(transition.trigger, state, _asking(branches, truths, ours))
            library = sheet.machine.moved(transition.trigger, state, _asking(branches, truths, theirs))
            assert mine is library
            assert ours == theirs, "a guard is asked as often, and in the same order"
            moves += mine is not None
    assert moves or not sheet.body.transitions


@pytest.mark.parametrize("sheet", [sheet for _, sheet in SHEETS], ids=[name for name, _ in SHEETS])
def test_a_state_in_which_it_does_not_start_is_an_error_and_asks_nothing(sheet: Sheet) -> None:
    for transition in sheet.body.transitions:
        for state in sheet.body.states.keys() - set(sheet.starts[transition.trigger]):
            with pytest.raises(transitions.MachineError):
                sheet.machine.move(transition.trigger, state, lambda _branch: pytest.fail("asked"))
