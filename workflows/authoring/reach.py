"""How far a draft reaches into what was recorded: which decisions may come out otherwise under it, and which cannot.

A decision reads only parts of its edition. A transition is read where its trigger is fired, and that is recorded,
whether it was possible or not. A deadline is read where an act names it, may start it, or changes the state that it
minds, and where an occurrence of it is at hand; all of that shows in the record too. Parameters and measures are read
by what mentions their names. Everything else (fields, states, roles, lights, children) any decision may read: where
that differs, nothing can be told beforehand, and there is no `Reach`.

So a recorded decision that touches nothing of a reach comes out under the draft as it was recorded, given that the
family stood the same before it. It is a claim about what rules read and no rule; tests hold it against the full way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.chain import canonical
from engine.edition import Edition, Sheet
from engine.events import Event, EventType
from engine.model import Deadline, Model
from engine.task import Task

_WORDS = {"zh", "en", "rule"}
"""What people read and no rule does."""

_UNREAD = {"edition", "title", "source", "organ", "notices", "publications", "properties", "scenarios", "exhortations"}
_APART = {"transitions", "deadlines", "measures", "parameters", "states", "children", "programme"}
"""Compared one by one."""

_ACTS = frozenset({EventType.TASK_REGISTERED, EventType.TRIGGER_FIRED, EventType.ACT_CORRECTED})
_OF_CHILDREN = frozenset({EventType.CHILD_OPENED, EventType.CHILD_ENDED})


@dataclass(frozen=True, slots=True)
class Minding:
    """The acts at which a deadline that differs is read before any occurrence of it is there: those that name it, those
    that lead into some states, a registration, or `every` one.
    """

    name: str
    triggers: frozenset[str]
    registered: bool
    states: frozenset[str]
    every: bool

    def heeds(self, event: Event) -> bool:
        """Whether it is read at an act."""
        told = event.payload
        if event.type is EventType.TASK_REGISTERED:
            stated = (told["opening"] or {"due": ()})["due"]
            return self.registered or self.every or told["state"] in self.states or self.name in stated
        return self.every or told["trigger"] in self.triggers or told["to"] in self.states


@dataclass(frozen=True, slots=True)
class Reach:
    """What differs between a recorded edition and a draft: triggers and deadlines, by the kind of their body."""

    transitions: Mapping[str, frozenset[str]]
    deadlines: Mapping[str, Mapping[str, Minding]]


@dataclass(slots=True)
class Traced:
    """One family, looked at decision by decision in their order. `held` are tasks that have had an occurrence of a
    deadline that differs.
    """

    reach: Reach
    kinds: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def begin(self, tasks: Mapping[str, Task]) -> None:
        """Take over the tasks that are there already."""
        for name, task in tasks.items():
            self.kinds[name] = task.kind
            if any(one["name"] in self.reach.deadlines.get(task.kind, ()) for one in task.deadlines.values()):
                self.held.add(name)

    def touches(self, events: Sequence[Event]) -> bool:
        """Whether a decision may have read something that differs."""
        found = [self._touches(event) for event in events]  # each is looked at, for what comes later
        return any(found)

    def _touches(self, event: Event) -> bool:
        told = event.payload
        if event.type is EventType.TASK_REGISTERED:
            self.kinds[event.task] = told["kind"]
        kind = self.kinds[event.task]
        deadlines = self.reach.deadlines.get(kind, {})
        if deadlines and "occurrence" in told and told["occurrence"]["name"] in deadlines:
            self.held.add(event.task)
            return True
        if event.type is EventType.TRIGGER_IGNORED:
            return True  # what it says hangs on more than its own trigger
        if event.type in _ACTS and told.get("trigger") in self.reach.transitions.get(kind, ()):
            return True
        if event.task in self.held and (event.type in _ACTS or event.type in _OF_CHILDREN):
            return True
        return event.type in _ACTS and any(each.heeds(event) for each in deadlines.values())


# -- comparing two editions

Pair = tuple[Sheet, Sheet]
"""A body as it was and as it would be."""


def reach(recorded: Edition, draft: Edition) -> Reach | None:
    """What differs; None where that is something that any decision may read."""
    if list(recorded.sheets) != list(draft.sheets):
        return None
    pairs = {kind: (sheet, draft.sheets[kind]) for kind, sheet in recorded.sheets.items()}
    names = _names(recorded, draft, pairs)
    if not all(_same_rest(one, other, names) for one, other in pairs.values()):
        return None
    transitions = {kind: _differing(map(_transitions, pair), names) for kind, pair in pairs.items()}
    deadlines = {kind: _differing(map(_deadlines, pair), names) for kind, pair in pairs.items()}
    if any(_recurs_by_guard(pairs[kind], name) for kind, found in deadlines.items() for name in found):
        return None
    minding = {kind: {name: _minding(pairs[kind], name) for name in found} for kind, found in deadlines.items()}
    return Reach(transitions, minding)


def _names(recorded: Edition, draft: Edition, pairs: Mapping[str, Pair]) -> frozenset[str]:
    """The parameters and measures that differ, or that mention one which does."""
    names = _differing((_texts(each.process.parameters) for each in (recorded, draft)), frozenset())
    while True:
        measures = [_differing((_texts(each.body.measures) for each in pair), names) for pair in pairs.values()]
        more = names.union(*measures)
        if more == names:
            return names
        names = more


def _same_rest(one: Sheet, other: Sheet, names: frozenset[str]) -> bool:
    """Whether two bodies are the same but for what is compared one by one; the order of that counts too."""
    rest, theirs = _rest(one), _rest(other)
    derived = [(each.clock, each.lit_by_kin, each.correctable) for each in (one, other)]
    return (
        rest == theirs
        and not _mentions(rest, names)
        and derived[0] == derived[1]
        and _same_order(one.transitions, other.transitions)
        and _same_order(one.body.deadlines, other.body.deadlines)
        and all(one.forms[name] == other.forms[name] for name in one.forms.keys() & other.forms.keys())
    )


def _rest(sheet: Sheet) -> str:
    states = {name: state.model_dump(mode="json", exclude=_WORDS) for name, state in sheet.body.states.items()}
    return canonical([list(states.items()), _plain(sheet.body, _UNREAD | _APART | _WORDS)])


def _same_order(one: Iterable[str], other: Iterable[str]) -> bool:
    mine, theirs = list(one), list(other)
    return [name for name in mine if name in theirs] == [name for name in theirs if name in mine]


def _differing(pair: Iterable[Mapping[str, str]], names: frozenset[str]) -> frozenset[str]:
    """The parts that are not the same text on both sides, or mention what differs."""
    one, other = pair
    every = one.keys() | other.keys()
    return frozenset(name for name in every if one.get(name) != other.get(name) or _mentions(one[name], names))


def _mentions(text: str, names: frozenset[str]) -> bool:
    """Whether a name stands in a text; within another word too, which says more than it needs to."""
    return any(name in text for name in names)


def _texts(parts: Mapping[str, Model]) -> dict[str, str]:
    return {name: _plain(part, _WORDS) for name, part in parts.items()}


def _transitions(sheet: Sheet) -> dict[str, str]:
    return _texts(sheet.transitions)


def _deadlines(sheet: Sheet) -> dict[str, str]:
    return _texts(sheet.body.deadlines)


def _plain(part: Model, exclude: set[str]) -> str:
    return canonical(part.model_dump(mode="json", exclude=exclude))


# -- deadlines that differ


def _recurs_by_guard(pair: Pair, name: str) -> bool:
    """Whether time itself asks for it, which leaves no trace where the answer is no."""
    return any(name in sheet.conditional for sheet in pair)


def _minding(pair: Pair, name: str) -> Minding:
    """At which acts either rule is read."""
    rules = [(sheet.heeds[name], sheet.body.deadlines[name]) for sheet in pair if name in sheet.body.deadlines]
    return Minding(
        name=name,
        triggers=frozenset().union(*(heed.triggers for heed, _ in rules)),
        registered=any(_starts_at_once(rule) for _, rule in rules),
        states=frozenset().union(*(_led_into(rule) for _, rule in rules)),
        every=any(heed.asked for heed, _ in rules),
    )


def _led_into(rule: Deadline) -> Sequence[str]:
    """The states that start it; those that stop its clock matter only to an occurrence that is there."""
    return (*rule.while_, *(rule.starts.enter if rule.starts else ()))


def _starts_at_once(rule: Deadline) -> bool:
    return rule.starts is None or rule.starts.registered
