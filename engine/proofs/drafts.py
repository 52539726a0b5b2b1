"""A place in the making: what one decision may do to it, deadline by deadline, as the engine does it.

The engine's own order is kept: the transition, what deadlines answer (met, cancelled, extended, restarted, started,
stopped), effects, the end, and last what was fired meanwhile. Wherever the model does not know, it does both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.clock import REGISTERED
from engine.model import Branch, Transition
from engine.model.deadlines import MetBy
from engine.model.transitions import STAY, Effect
from engine.proofs.beginning import first_truths
from engine.proofs.counts import fewer
from engine.proofs.judging import Truths
from engine.proofs.model import Model, Place, Stand, Watch
from engine.proofs.total import may_fail

MOST_FIRED = 10
"""How many triggers one decision may set off before the model gives up following it."""


class Endless(Exception):
    """Triggers that may fire one another without an end."""

    def __init__(self, trigger: str) -> None:
        super().__init__(trigger)
        self.trigger = trigger


@dataclass(frozen=True)
class Draft:
    """A place, the clocks that begin now (`fresh`) or may read anything (`loose`), what is still to be fired, and what
    was fired: each trigger with the number of its branch, or -1 where it was not possible.
    """

    place: Place
    fresh: frozenset[int] = frozenset()
    loose: frozenset[int] = frozenset()
    waiting: tuple[str, ...] = ()
    fired: tuple[tuple[str, int], ...] = ()

    def stand(self, number: int, stand: Stand) -> Draft:
        """The same with another stand of a watch."""
        stands = self.place.stands
        if stands[number] == stand:
            return self
        return replace(self, place=self.place._replace(stands=(*stands[:number], stand, *stands[number + 1 :])))

    def begun(self, number: int) -> Draft:
        """The same with a clock that begins now."""
        return replace(self, fresh=self.fresh | {number}, loose=self.loose - {number})

    def loosened(self, number: int) -> Draft:
        """The same with a clock that may read anything."""
        return replace(self, fresh=self.fresh - {number}, loose=self.loose | {number})

    def firing(self, trigger: str) -> Draft:
        """The same with one more trigger to fire."""
        return replace(self, waiting=(*self.waiting, trigger))


@dataclass(frozen=True)
class Act:
    """What happens to a task: the trigger, the state before, and whether a person does it."""

    trigger: str
    came_from: str | None
    person: bool


def registered(model: Model) -> Iterator[Draft]:
    """The places in which a task may begin."""
    marks = tuple(int(mark.kind == "same") for mark in model.marks)
    blank = Place(model.body.initial, tuple(_unstarted(model, watch) for watch in model.watches), marks, ())
    for truths in first_truths(model, blank):
        draft = Draft(blank._replace(truths=truths))
        for each in _reacted(model, draft, Act(REGISTERED, None, person=True)):
            for after in _followed(model, each, model.body.registration.then):
                yield from settled(model, after, by_time=False)


def _unstarted(model: Model, watch: Watch) -> Stand:
    """That it never ran matters only where it may begin late, once its date is known, or where its date is read."""
    plain = watch.name in model.sheet.from_start and watch.name not in model.asked_when_due
    return Stand("idle" if plain else "never")


def fired(model: Model, draft: Draft, transition: Transition, *, person: bool) -> Iterator[Draft]:
    """What one transition may do; nothing where it is not possible. What it sets off is still waiting."""
    if draft.place.state not in model.sources[transition.trigger]:
        return
    if person and _right_lapsed(model, draft.place, transition.trigger):
        return
    before: list[tuple[str, bool]] = [(transition.when, True)] if transition.when else []
    for number, branch in enumerate(transition.to):
        wanted = (*before, (branch.when, True)) if branch.when else tuple(before)
        if branch.when:
            before.append((branch.when, False))
        if branch.state != "previous" and model.judge.possible(model.known(draft.place), wanted):
            yield from _taken(model, draft, transition, branch, number, wanted, person=person)


def _right_lapsed(model: Model, place: Place, trigger: str) -> bool:
    """Whether a trigger would use a right that has lapsed; who enters late, or states a day, may have been in time."""
    return not model.backdated and any(
        stand.run == "lapsed" and way.trigger == trigger and way.at is None and way.when is None
        for watch, stand in zip(model.watches, place.stands, strict=True)
        for way in watch.rule.met_by
    )


def _taken(
    model: Model, draft: Draft, transition: Transition, branch: Branch, number: int, wanted: Truths, *, person: bool
) -> Iterator[Draft]:
    place = draft.place
    target = place.state if branch.state == STAY else branch.state
    changes = {**transition.set, **branch.set}
    marks = _counted(model, place, transition, person=person)
    act = Act(transition.trigger, place.state, person)
    for truths in model.judge.after(model.known(place), wanted, changes) if changes else (place.truths,):
        moved = place._replace(state=target, truths=truths, marks=marks)
        made = replace(draft, place=moved, fired=(*draft.fired, (transition.trigger, number)))
        for each in _reacted(model, made, act):
            for after in _followed(model, each, (*transition.then, *branch.then)):
                ends = target in model.finals and place.state not in model.finals
                yield ended(model, after) if ends else after


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


def _followed(model: Model, draft: Draft, effects: tuple[Effect, ...]) -> Iterator[Draft]:
    """What the effects may fire on the task itself; children and papers change nothing that is watched."""
    drafts = [draft]
    for effect in effects:
        if effect.fire is None or effect.on != "task":
            continue
        more = []
        for each in drafts:
            may, must = _asked(model, each.place, effect.when)
            more += [each.firing(effect.fire)] if may else []
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


def _asked(model: Model, place: Place, guard: str | None) -> tuple[bool, bool]:
    """Whether a guard may hold, and whether it must."""
    if guard is None:
        return True, True
    known = model.known(place)
    return model.judge.possible(known, ((guard, True),)), not model.judge.possible(known, ((guard, False),))


# -- what one deadline answers


def _reacted(model: Model, draft: Draft, act: Act) -> list[Draft]:
    drafts = [draft]
    for number, watch in enumerate(model.watches):
        drafts = [after for each in drafts for after in _answered(model, each, number, watch, act)]
    return drafts


def _answered(model: Model, draft: Draft, number: int, watch: Watch, act: Act) -> Iterator[Draft]:
    drafts = [draft]
    for way in watch.rule.met_by:
        if way.trigger == act.trigger:
            drafts = [after for each in drafts for after in _met(model, each, number, watch, way, act)]
    for each in drafts:
        changed = _cancelled(model, each, number, watch, act)
        for longer in _extended(changed, number, watch, act):
            restarted = _restarted(longer, number, watch, act)
            for started in _started(model, restarted, number, watch, act):
                yield from _paused(started, number, watch, act)


def _met(model: Model, draft: Draft, number: int, watch: Watch, way: MetBy, act: Act) -> Iterator[Draft]:
    """An open occurrence is met, or else the last one missed; a late entry excuses a miss."""
    stand = draft.place.stands[number]
    may, must = _asked(model, draft.place, way.when)
    must = must and way.for_ is None
    if not must or not may:
        yield draft
    if not may:
        return
    if stand.run in ("running", "paused"):
        yield draft.stand(number, Stand("idle", owed=stand.owed))
    elif stand.owed:
        for owed in fewer(stand.owed, watch.most):
            answered = draft.stand(number, stand._replace(owed=owed))
            yield answered
            if watch.rule.excused and ((act.person and model.backdated) or way.at):
                yield answered.firing(watch.rule.excused.fire)
    elif stand.run == "lapsed" and ((act.person and model.backdated) or way.at):
        yield draft.stand(number, Stand("idle", owed=stand.owed))
        yield draft
    elif must:
        yield draft


def _cancelled(model: Model, draft: Draft, number: int, watch: Watch, act: Act) -> Draft:
    stand, state, rule = draft.place.stands[number], draft.place.state, watch.rule
    left = bool(rule.while_) and act.came_from in rule.while_ and state not in rule.while_ and state not in model.finals
    if stand.run in ("running", "paused") and (act.trigger in rule.cancelled_by or left):
        return draft.stand(number, Stand("idle", owed=stand.owed))
    return draft


def _extended(draft: Draft, number: int, watch: Watch, act: Act) -> Iterator[Draft]:
    """More time; nothing where the act is refused, because there is nothing to extend, or no more."""
    stand, extend = draft.place.stands[number], watch.rule.extend
    if extend is None or act.trigger not in extend.by:
        yield draft
    elif stand.run in ("running", "paused"):
        if not (extend.at_most == 1 and stand.more):
            yield draft.stand(number, stand._replace(more=True))
    elif not extend.before_due and stand.owed:
        for owed in fewer(stand.owed, watch.most):
            yield draft.stand(number, Stand("running", more=True, owed=owed)).loosened(number)


def _restarted(draft: Draft, number: int, watch: Watch, act: Act) -> Draft:
    stand = draft.place.stands[number]
    if act.trigger in watch.rule.restart_by and stand.run in ("running", "paused"):
        return draft.stand(number, stand._replace(run="running", more=False)).begun(number)
    return draft


def _started(model: Model, draft: Draft, number: int, watch: Watch, act: Act) -> Iterator[Draft]:
    stand = draft.place.stands[number]
    if not _starts(model, draft.place, watch, stand, act):
        yield draft
        return
    may, must = _asked(model, draft.place, watch.rule.when)
    if may:
        yield draft.stand(number, Stand("running", owed=stand.owed)).begun(number)
    if not (may and must and watch.span.sure):
        yield draft


def _starts(model: Model, place: Place, watch: Watch, stand: Stand, act: Act) -> bool:
    """As `engine.starting.starts` has it."""
    rule, state = watch.rule, place.state
    if rule.while_ and state not in rule.while_:
        return False
    named = rule.starts is not None and (act.trigger in rule.starts.triggers or bool(rule.starts.enter))
    if state in model.finals and state not in rule.while_ and not named:
        return False
    again = stand.run == "never" and watch.name not in model.sheet.from_start
    if rule.starts is not None:
        entered = act.came_from != state and state in rule.starts.enter
        first = act.trigger == REGISTERED and rule.starts.registered
        return first or act.trigger in rule.starts.triggers or entered or (rule.starts.registered and again)
    came_in = act.came_from not in rule.while_ if rule.while_ else act.trigger == REGISTERED
    return came_in or again


def _paused(draft: Draft, number: int, watch: Watch, act: Act) -> Iterator[Draft]:
    """Stopped where a rule to pause holds, and going on where none does; a child may be open or not."""
    stand = draft.place.stands[number]
    if not watch.rule.pause or stand.run not in ("running", "paused"):
        yield draft
        return
    rules = list(enumerate(watch.rule.pause))
    on = set(stand.on) | {each for each, pause in rules if act.trigger in pause.by}
    on -= {each for each, pause in rules if act.trigger in pause.until and act.trigger not in pause.by}
    stand = stand._replace(on=tuple(sorted(on)))
    must = bool(on) or any(draft.place.state in pause.in_ for _, pause in rules)
    may = must or any(pause.while_open for _, pause in rules)
    if may:
        yield draft.stand(number, stand._replace(run="paused"))
    if not must:
        going = draft.stand(number, stand._replace(run="running"))
        yield going.loosened(number) if stand.run == "paused" else going
