"""The state machine, by the library `transitions`, compiled once for each body and asked for the move.

Conditions only: nothing happens inside the machine. It is asked with a function that says whether a branch holds, and
answers with the branch that it took. Its table is read once: of a move by the library itself nine tenths are callbacks
that no body has, and a test holds both to one answer. This is the one file that imports the library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import transitions

from engine.model import Body, Branch, Transition
from engine.model.transitions import PREVIOUS, STAY

Holds = Callable[[Branch], bool]


@dataclass
class _Asked:
    """What the library moves: a state, and the branch whose conditions held last."""

    state: str
    holds: Holds
    taken: Branch | None = None


@dataclass(frozen=True)
class _Condition:
    """The one condition of a transition as the library has it."""

    branch: Branch

    def __call__(self, event: Any) -> bool:
        asked: _Asked = event.model
        if asked.holds(self.branch):
            asked.taken = self.branch
            return True
        return False


class Machine:
    """The moves of one body."""

    def __init__(self, body: Body) -> None:
        self._machine = transitions.Machine(
            model=None,
            states=list(body.states),
            initial=body.initial,
            auto_transitions=False,
            send_event=True,
        )
        for transition in body.transitions:
            for branch in transition.to:
                self._add(body, transition, branch)
        self._ways = {trigger: _ways(event) for trigger, event in self._machine.events.items()}

    def _add(self, body: Body, transition: Transition, branch: Branch) -> None:
        inside = branch.state in (STAY, PREVIOUS)
        origins: list[Any] = list(sources(body, transition))
        self._machine.add_transition(
            transition.trigger, origins, None if inside else branch.state, conditions=[_Condition(branch)]
        )

    def move(self, trigger: str, state: str, holds: Holds) -> Branch | None:
        """The branch that `trigger` takes from `state`, the first for which `holds`; None where none does.

        Raises `transitions.MachineError` where the trigger is not possible in this state at all.
        """
        ways = self._ways[trigger].get(state)
        if ways is None:
            return self.moved(trigger, state, holds)
        return next(filter(holds, ways), None)

    def moved(self, trigger: str, state: str, holds: Holds) -> Branch | None:
        """The same by the library, in all its steps."""
        asked = _Asked(state, holds)
        self._machine.events[trigger].trigger(asked)
        return asked.taken


def _ways(event: Any) -> Mapping[str, Sequence[Branch]]:
    """The branches of a trigger by the state in which they start, in the order in which the library asks them."""
    return {
        state: tuple(condition.func.branch for way in ways for condition in way.conditions)
        for state, ways in event.transitions.items()
    }


def sources(body: Body, transition: Transition) -> list[str]:
    """The states from which a transition is possible; `any` is every state that is not final, and more may be named."""
    every = "any" in transition.from_
    return [name for name, state in body.states.items() if name in transition.from_ or (every and not state.final)]
