"""What deadlines answer to an act: met, cancelled, extended, restarted, started, stopped, in the engine's own order.

A deadline's answer hangs on what it is at, on the act, and on the state the act leads to; and only where a guard of its
own has a say on anything else. So it is worked out once for each of these, and wherever the model does not know, it has
several.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import REGISTERED
from engine.model import Deadline
from engine.model.deadlines import MetBy
from engine.proofs.counts import fewer
from engine.proofs.model import Model, Place, Stand, Watch


class Draft(Struct, frozen=True):
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
        state, _, marks, truths, pending = self.place
        return self.at(Place(state, (*stands[:number], stand, *stands[number + 1 :]), marks, truths, pending))

    def at(self, place: Place) -> Draft:
        """The same elsewhere."""
        return Draft(place, self.fresh, self.loose, self.waiting, self.fired)

    def begun(self, number: int) -> Draft:
        """The same with a clock that begins now."""
        return replace(self, fresh=self.fresh | {number}, loose=self.loose - {number})

    def loosened(self, number: int) -> Draft:
        """The same with a clock that may read anything."""
        return replace(self, fresh=self.fresh - {number}, loose=self.loose | {number})

    def firing(self, trigger: str) -> Draft:
        """The same with one more trigger to fire."""
        return replace(self, waiting=(*self.waiting, trigger))


class Act(NamedTuple):
    """What happens to a task: the trigger, the state before, and whether a person does it."""

    trigger: str
    came_from: str | None
    person: bool


class Answer(NamedTuple):
    """What one deadline answers: what it is at then, whether its clock begins now (`begun`) or may read anything
    (`loosened`), and what is to be fired.
    """

    stand: Stand
    begun: bool
    loosened: bool
    waiting: tuple[str, ...]

    def on(self, draft: Draft, number: int) -> Draft:
        """A draft with this answer."""
        draft = draft.stand(number, self.stand)
        if self.begun or self.loosened:
            draft = draft.begun(number) if self.begun else draft.loosened(number)
        return replace(draft, waiting=(*draft.waiting, *self.waiting)) if self.waiting else draft


def reacted(model: Model, draft: Draft, act: Act) -> list[Draft]:
    """What may be after all deadlines that are watched have answered."""
    drafts = [draft]
    for number in range(len(model.watches)):
        drafts = [after for each in drafts for after in _answers(model, each, number, act)]
    return drafts


def _answers(model: Model, draft: Draft, number: int, act: Act) -> Iterator[Draft]:
    """What one answers; where a guard has a say, worked out each time."""
    place, watch = draft.place, model.watches[number]
    key = (number, place.stands[number], place.state, act)
    if key not in model.answers:
        model.answers[key] = None if _guarded(watch.rule, act.trigger) else _plain(model, place, number, watch, act)
    answers = model.answers[key]
    if answers is None:
        yield from _answered(model, draft, number, watch, act)
    else:
        yield from (answer.on(draft, number) for answer in answers)


def _plain(model: Model, place: Place, number: int, watch: Watch, act: Act) -> list[Answer]:
    return [_answer(after, number) for after in _answered(model, Draft(place), number, watch, act)]


def _answer(after: Draft, number: int) -> Answer:
    return Answer(after.place.stands[number], number in after.fresh, number in after.loose, after.waiting)


def _guarded(rule: Deadline, trigger: str) -> bool:
    """Whether a guard of the deadline may have a say in its answer."""
    return rule.when is not None or any(way.when is not None and way.trigger == trigger for way in rule.met_by)


def asked(model: Model, place: Place, guard: str | None) -> tuple[bool, bool]:
    """Whether a guard may hold, and whether it must."""
    if guard is None:
        return True, True
    known = model.known(place)
    return model.judge.possible(known, ((guard, True),)), not model.judge.possible(known, ((guard, False),))


# -- one deadline


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
    may, must = asked(model, draft.place, way.when)
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
    may, must = asked(model, draft.place, watch.rule.when)
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
