"""A place in the making: what one decision may do to it, deadline by deadline, as the engine does it.

The engine's own order is kept: the transition, what deadlines answer (met, cancelled, extended, restarted, started,
stopped), effects, the end, and last what was fired meanwhile. Wherever the model does not know, it does both.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from msgspec.structs import replace

from engine.clock import REGISTERED
from engine.model import Transition
from engine.model.transitions import Effect
from engine.proofs.beginning import first_truths
from engine.proofs.model import Model, Place, Stand, Watch, Way, on_task
from engine.proofs.reacting import Act, Draft, asked, reacted
from engine.proofs.total import may_fail

MOST_FIRED = 10
"""How many triggers one decision may set off before the model gives up following it."""


class Endless(Exception):
    """Triggers that may fire one another without an end."""

    def __init__(self, trigger: str) -> None:
        super().__init__(trigger)
        self.trigger = trigger


def registered(model: Model) -> Iterator[Draft]:
    """The places in which a task may begin."""
    marks = tuple(int(mark.kind == "same") for mark in model.marks)
    blank = Place(model.body.initial, tuple(_unstarted(model, watch) for watch in model.watches), marks, ())
    for truths in first_truths(model, blank):
        draft = Draft(blank._replace(truths=truths))
        for each in reacted(model, draft, Act(REGISTERED, None, person=True)):
            for after in _followed(model, each, on_task(model.body.registration.then)):
                yield from settled(model, after, by_time=False)


def _unstarted(model: Model, watch: Watch) -> Stand:
    """That it never ran matters only where it may begin late, once its date is known, or where its date is read."""
    plain = watch.name in model.sheet.from_start and watch.name not in model.sheet.asked_when_due
    return Stand("idle" if plain else "never")


def fired(
    model: Model, draft: Draft, transition: Transition, *, person: bool, among: Container[int] | None = None
) -> Iterator[Draft]:
    """What one transition may do, by some of its branches or any; nothing where it is not possible. What it sets off is
    still waiting.
    """
    if draft.place.state not in model.sources[transition.trigger]:
        return
    if person and _right_lapsed(model, draft.place, transition.trigger):
        return
    known = model.known(draft.place)
    for way in model.branches(transition):
        if among is not None and way.number not in among:
            continue
        if not way.wanted or model.judge.possible(known, way.wanted):
            yield from _taken(model, draft, transition, way, person=person)


def _right_lapsed(model: Model, place: Place, trigger: str) -> bool:
    """Whether a trigger would use a right that has lapsed; who enters late, or states a day, may have been in time."""
    return not model.backdated and any(
        stand.run == "lapsed" and way.trigger == trigger and way.at is None and way.when is None
        for watch, stand in zip(model.watches, place.stands, strict=True)
        for way in watch.rule.met_by
    )


def _taken(model: Model, draft: Draft, transition: Transition, way: Way, *, person: bool) -> Iterator[Draft]:
    place = draft.place
    target = place.state if way.state is None else way.state
    ends = target in model.finals and place.state not in model.finals
    marks = _counted(model, place, transition, person=person) if model.marks else ()
    act, fired = Act(transition.trigger, place.state, person), (*draft.fired, (transition.trigger, way.number))
    after = model.judge.after(model.known(place), way.wanted, way.changes) if way.changes else (place.truths,)
    for truths in after:
        moved = Place(target, place.stands, marks, truths, place.pending)
        made = Draft(moved, draft.fresh, draft.loose, draft.waiting, fired)
        for each in reacted(model, made, act):
            for followed in _followed(model, each, way.effects):
                yield ended(model, followed) if ends else followed


def _counted(model: Model, place: Place, transition: Transition, *, person: bool) -> tuple[int, ...]:
    """The history that is counted, after a trigger."""
    name = transition.trigger
    found = []
    for mark, count in zip(model.marks, place.marks, strict=True):
        if mark.kind == "same":
            other = mark.other if name == mark.trigger else mark.trigger if name == mark.other else None
            found.append(count if other is None else 0 if person and _kept_apart(transition, other) else 2)
        elif name == mark.trigger:
            found.append(min(mark.most, count + 1))
        else:
            found.append(0 if mark.kind == "since" and name == mark.other else count)
    return tuple(found)


def _kept_apart(transition: Transition, other: str) -> bool:
    """Whether whoever fired another trigger last cannot be who fires this one."""
    people = [by for by in transition.by if by.role != "system"]
    told = f"actor_of('{other}')"
    return bool(people) and all(
        by.role != "anyone" and (by.not_ or "").strip().replace('"', "'") == told for by in people
    )


def settled(model: Model, draft: Draft, *, by_time: bool) -> Iterator[Draft]:
    """Fire what waits, until nothing does. Raises `Endless`."""
    if not draft.waiting:
        yield draft
        return
    trigger, rest = draft.waiting[0], draft.waiting[1:]
    if len(draft.fired) > MOST_FIRED:
        raise Endless(trigger)
    transition = model.sheet.transitions[trigger]
    left, failure = replace(draft, waiting=rest), may_fail(model, draft.place, transition)
    if not failure.surely:
        for each in fired(model, left, transition, person=False):
            yield from settled(model, each, by_time=by_time)
    if failure.maybe:
        yield from settled(model, replace(left, fired=(*left.fired, (trigger, -1))), by_time=by_time)


def passed(model: Model, place: Place, number: int) -> Iterator[Draft]:
    """What may follow when a watched deadline passes."""
    watch, stand = model.watches[number], place.stands[number]
    over = (
        Stand("idle", owed=min(watch.most, stand.owed + 1)) if watch.rule.owed_by else Stand("lapsed", owed=stand.owed)
    )
    draft = Draft(place).stand(number, over)
    if watch.fires:
        draft = draft.firing(watch.fires)
    yield from settled(model, draft, by_time=True)


def toggled(model: Model, place: Place) -> Iterator[Draft]:
    """What children that open or end may do to a deadline that stands still while one is open: it stops, or goes on."""
    for number, (watch, stand) in enumerate(zip(model.watches, place.stands, strict=True)):
        waits = any(pause.while_open for pause in watch.rule.pause)
        if waits and stand.run == "running":
            yield Draft(place).stand(number, stand._replace(run="paused"))
        held = bool(stand.on) or any(place.state in pause.in_ for pause in watch.rule.pause)
        if waits and stand.run == "paused" and not held:
            yield Draft(place).stand(number, stand._replace(run="running")).loosened(number)


def _followed(model: Model, draft: Draft, effects: Sequence[Effect]) -> Iterator[Draft]:
    """What effects may fire on the task itself."""
    drafts = [draft]
    for effect in effects:
        more = []
        for each in drafts:
            may, must = asked(model, each.place, effect.when)
            more += [each.firing(str(effect.fire))] if may else []
            more += [] if must else [each]
        drafts = more
    yield from drafts


def ended(model: Model, draft: Draft) -> Draft:
    """The end of a task cancels what runs, but for what runs in this final state."""
    for number, watch in enumerate(model.watches):
        stand = draft.place.stands[number]
        if stand.run in ("running", "paused") and draft.place.state not in watch.rule.while_:
            draft = draft.stand(number, Stand("idle", owed=stand.owed))
    return draft
