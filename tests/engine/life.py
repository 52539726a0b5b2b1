"""One family on a clock of its own: it is registered, acted upon, and time runs in between; what happened is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.calendars import Calendar
from engine.commands import Actor, Decision, Fire, Opening, Refusal, Register
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import Event, EventType, Json
from engine.ledger import Ledgers
from engine.task import Family, Occurrence
from tests.engine import stage
from tests.engine.walks import ZONE, calendar

CN = calendar()
EVERYBODY = Actor("zhang", ("office", "lead"))


@dataclass
class Life:
    """One family on a clock of its own, without any catching up but the engine's."""

    edition: Edition
    cn: Calendar = CN
    family: Family = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    ledgers: Ledgers | None = None
    """Handed on from one decision to the next, where they are."""

    def sweep(self, until: datetime) -> None:
        """Let time run."""
        self._keep(advance(self.edition, self.cn, self.family, until, ledgers=self.ledgers))

    def register(self, at: datetime, *, opening: Opening | None = None, **fields: Any) -> None:
        """A task appears."""
        command = Register("t", "", fields, {}, EVERYBODY, at, opening=opening)
        self._keep(decide(self.edition, self.cn, {}, command, ledgers=self.ledgers))

    def fire(self, trigger: str, at: datetime, task: str = "t", actor: Actor = EVERYBODY, **form: Any) -> None:
        """Time runs, then somebody acts."""
        self._keep(self.tried(trigger, at, task, actor, **form))

    def tried(
        self, trigger: str, at: datetime, task: str = "t", actor: Actor = EVERYBODY, **form: Any
    ) -> Decision | Refusal:
        """Time runs, then somebody acts; what came of it is answered and not kept."""
        self.sweep(at)
        command = Fire(task, trigger, form, actor, present(self.family, at))
        return decide(self.edition, self.cn, self.family, command, ledgers=self.ledgers)

    def found(self, name: str, task: str = "t") -> Occurrence:
        """The occurrence of a deadline, `name/key`."""
        return self.family[task].deadlines[name]

    def told(self, *kinds: EventType) -> list[Event]:
        """The events of these kinds so far."""
        return [event for event in self.events if event.type in kinds]

    def dates(self, name: str) -> list[str | None]:
        """The last days of an occurrence, as each of its events told them."""
        told = (event.payload.get("occurrence", {}) for event in self.events)
        return [one["last_day"] for one in told if f"{one.get('name')}/{one.get('key')}" == name]

    def _keep(self, decision: Any) -> None:
        assert isinstance(decision, Decision), decision
        self.events += decision.events
        self.family = decision.family


def day(text: str, hour: int = 12) -> datetime:
    """An hour of a local day."""
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=ZONE)


def open_and_done(text: str) -> Edition:
    """A definition of an open and a final state, with what a text adds."""
    return stage.edition({"states": {"open": {"initial": True}, "done": {"final": True}}, **stage.yaml(text)})


def occurrence(event: Event) -> Json:
    """The occurrence of which an event tells."""
    return event.payload["occurrence"]
