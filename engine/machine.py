"""The state machine, by the library `transitions`, compiled once for each body and asked for the move.

Conditions only: nothing happens inside the machine. It is asked with a function that says whether a branch holds, and
answers with the branch that it took. This is the one file that imports the library.
"""

from __future__ import annotations

from collections.abc import Callable
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

    def _add(self, body: Body, transition: Transition, branch: Branch) -> None:
        def condition(event: Any) -> bool:
            asked: _Asked = event.model
            if asked.holds(branch):
                asked.taken = branch
                return True
            return False

        inside = branch.state in (STAY, PREVIOUS)
        origins: list[Any] = list(sources(body, transition))
        self._machine.add_transition(
            transition.trigger, origins, None if inside else branch.state, conditions=[condition]
        )

    def move(self, trigger: str, state: str, holds: Holds) -> Branch | None:
        """The branch that `trigger` takes from `state`, the first for which `holds`; None where none does.

        Raises `transitions.MachineError` where the trigger is not possible in this state at all.
        """
        asked = _Asked(state, holds)
        self._machine.events[trigger].trigger(asked)
        return asked.taken


def sources(body: Body, transition: Transition) -> list[str]:
    """The states from which a transition is possible; `any` is every state that is not final, and more may be named."""
    every = "any" in transition.from_
    return [name for name, state in body.states.items() if name in transition.from_ or (every and not state.final)]
