"""What an act sets off, as its definition has it, and whether the condition of each held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.endings import PARENT_ENDED
from engine.events import Event, EventType, Json
from engine.facts import Situation, child_kind
from engine.model import Effect
from engine.moves import saw
from workflows.audit.explaining.origins import Fact, facts_of, filled_by, number_of
from workflows.audit.explaining.past import Past

Path = tuple[str | int, ...]
NONE: Mapping[str, Json] = MappingProxyType({})


def effects(past: Past, cause: Event) -> list[tuple[Path, Effect]]:
    """What an act, or a registration, sets off, as written: the effects of its transition and of its branch."""
    body = past.edition(cause).sheets[past.kind(cause.task)].body
    if cause.type is EventType.TASK_REGISTERED:
        return [(("registration", "then", n), one) for n, one in enumerate(body.registration.then)]
    if cause.type is not EventType.TRIGGER_FIRED or cause.payload["trigger"] == PARENT_ENDED:
        return []
    number, branch = number_of(past, cause, cause.payload["trigger"]), cause.payload["branch"]
    transition = body.transitions[number]
    own: list[tuple[Path, Effect]] = [
        (("transitions", number, "then", n), one) for n, one in enumerate(transition.then)
    ]
    way = [(("transitions", number, "to", branch, "then", n), one) for n, one in enumerate(transition.to[branch].then)]
    return [*own, *way]


def which(event: Event, kind: str) -> Callable[[Effect], bool]:
    """Whether an effect of a body `kind` is what an event tells of."""
    told = event.payload
    match event.type:
        case EventType.NOTICE_RAISED:
            return lambda one: one.notice == told["notice"] and list(one.to) == [to["role"] for to in told["to"]]
        case EventType.CHILD_OPENED:
            return lambda one: one.open is not None and child_kind(kind, one.open) == told["kind"]
        case EventType.PUBLICATION_ORDERED:
            return lambda one: one.publish == told["publication"]
        case _:
            return lambda one: one.fire == told.get("trigger")


def looked(past: Past, cause: Event, text: str) -> tuple[Json, list[Fact]]:
    """The condition of an effect, looked at again as it was asked: once the act was on record, with what its deadlines
    answered. None where it cannot be decided.
    """
    return asked(past, past.answered(cause), cause, text, cause.payload.get("form") or {})


def asked(
    past: Past, moment: Event, act: Event, text: str, form: Mapping[str, Json], occurrence: Mapping[str, Json] = NONE
) -> tuple[Json, list[Fact]]:
    """What an expression came to just before a moment, with the facts that it saw; `act` filled in the form."""
    then = past.turn(moment)
    if then is None:
        return None, []
    result = Situation(*then, form, occurrence).evaluate(text)
    facts = [filled_by(act, one) for one in facts_of(past, moment, saw(result))]
    return (result.value if result.error is None else None), facts
