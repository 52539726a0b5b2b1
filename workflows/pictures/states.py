"""What a picture of a body shows: its states, the ways between them, who takes them, and which deadlines do.

A trigger that leads from several states to the same ones is drawn once, as a point where its ways meet. Acts that
leave the state as it is are no ways and are not drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.cel.settled import settled
from engine.edition import Edition, Sheet
from engine.events import SYSTEM
from engine.machine import sources
from engine.model import Body, Branch, Transition
from engine.model.base import Titled
from engine.model.transitions import PREVIOUS, STAY
from engine.problems import Language, Text
from engine.titles import Titles

ANY = "any"
_ANY = Text("任何状态", "Any state")


@dataclass(frozen=True)
class State:
    """A box. `tasks` is how many open tasks are in it now, None where nobody was asked."""

    id: str
    title: str
    initial: bool = False
    final: bool = False
    anywhere: bool = False
    tasks: int | None = None


@dataclass(frozen=True)
class Label:
    """What stands at a way: the title of a trigger and who takes it, as places in `Picture.actors`. `timed` where a
    deadline does.
    """

    title: str
    actors: tuple[int, ...]
    timed: bool = False


@dataclass(frozen=True)
class Way:
    """An arrow from one state, or from the point where ways meet, to another."""

    start: str
    end: str
    labels: tuple[Label, ...] = ()
    actors: tuple[int, ...] = ()
    arrow: bool = True


@dataclass(frozen=True)
class Meeting:
    """The point at which the ways of one trigger meet."""

    id: str
    label: Label


@dataclass(frozen=True)
class Picture:
    """A whole picture. `actors` are the titles of those who act, in the order in which they were met; the first is the
    system, which dashed lines show.
    """

    title: str
    states: Sequence[State]
    ways: Sequence[Way]
    meetings: Sequence[Meeting] = ()
    actors: Sequence[str] = ()


@dataclass
class _Sketch:
    """What gathers while the transitions are gone through."""

    titles: Titles
    timed: frozenset[str]
    actors: list[str] = field(default_factory=lambda: [SYSTEM])
    ways: dict[tuple[str, str], list[Label]] = field(default_factory=dict)
    meetings: list[Meeting] = field(default_factory=list)
    joined: list[Way] = field(default_factory=list)

    def label(self, transition: Transition) -> Label:
        names = [each.role for each in transition.by]
        self.actors += [name for name in names if name not in self.actors]
        actors = tuple(sorted(self.actors.index(name) for name in names))
        return Label(transition.title(self.titles.lang), actors, transition.trigger in self.timed)


def picture(
    edition: Edition,
    kind: str,
    lang: Language,
    role: str | None = None,
    tasks: Mapping[str, int] | None = None,
) -> Picture:
    """The picture of one body. `role` leaves only the ways that this role takes; `tasks` counts the open ones by state.

    Raises `KeyError` for a body that the definition does not have.
    """
    sheet = edition.sheets[kind]
    sketch = _Sketch(Titles(edition, lang, kind), frozenset(_timed(sheet.body)))
    for transition in sheet.body.transitions:
        if role is None or role in {each.role for each in transition.by}:
            _draw(sketch, sheet, transition)
    ways = [Way(start, end, tuple(labels), _actors(labels)) for (start, end), labels in sketch.ways.items()]
    anywhere = any(ANY in (way.start, way.end) for way in (*ways, *sketch.joined))
    return Picture(
        title=_title(edition, sheet, lang),
        states=[*_states(sheet.body, lang, tasks), *_anywhere(lang, drawn=anywhere)],
        ways=[*ways, *sketch.joined],
        meetings=sketch.meetings,
        actors=[sketch.titles.role(name) for name in sketch.actors],
    )


def _title(edition: Edition, sheet: Sheet, lang: Language) -> str:
    process = edition.process
    whole = f"{process.title.title(lang)} {process.edition}"
    body = sheet.body
    return f"{whole} · {body.title(lang)}" if isinstance(body, Titled) else whole


def _states(body: Body, lang: Language, tasks: Mapping[str, int] | None) -> Iterator[State]:
    for name, state in body.states.items():
        count = tasks.get(name, 0) if tasks is not None and not state.final else None
        yield State(name, state.title(lang), state.initial, state.final, tasks=count)


def _anywhere(lang: Language, *, drawn: bool) -> list[State]:
    return [State(ANY, _ANY.in_(lang), anywhere=True)] if drawn else []


def _timed(body: Body) -> Iterator[str]:
    """The triggers that deadlines fire."""
    for deadline in body.deadlines.values():
        yield from (end.fire for end in (deadline.missed, deadline.lapsed) if end is not None)


def _draw(sketch: _Sketch, sheet: Sheet, transition: Transition) -> None:
    ends = {start: ends for start in _starts(sheet.body, transition) if (ends := _ends(sheet, transition, start))}
    if not ends:
        return
    label = sketch.label(transition)
    alike = len({tuple(each) for each in ends.values()}) == 1
    targets = next(iter(ends.values()))
    if alike and len(ends) > 2 and len(ends) * len(targets) > 2:
        _meet(sketch, transition.trigger, label, list(ends), targets)
        return
    for start, reached in ends.items():
        for end in reached:
            sketch.ways.setdefault((start, end), []).append(label)


def _starts(body: Body, transition: Transition) -> list[str]:
    """From where; `any` is one box, unless the definition names more states beside it."""
    return [ANY] if transition.from_ == (ANY,) else sources(body, transition)


def _meet(sketch: _Sketch, trigger: str, label: Label, starts: list[str], ends: list[str]) -> None:
    point = f"@{trigger}"
    sketch.meetings.append(Meeting(point, label))
    sketch.joined += [Way(start, point, actors=label.actors, arrow=False) for start in starts]
    sketch.joined += [Way(point, end, actors=label.actors) for end in ends]


def _ends(sheet: Sheet, transition: Transition, start: str) -> list[str]:
    """The states to which a trigger may lead from one: as far as its guards speak of the state itself."""
    ends = []
    for branch in transition.to:
        holds = _holds(sheet, branch, start)
        if branch.state not in (STAY, PREVIOUS, start) and holds is not False:
            ends.append(branch.state)
        if holds:
            break
    return list(dict.fromkeys(ends))


def _holds(sheet: Sheet, branch: Branch, state: str) -> bool | None:
    if branch.when is None:
        return True
    return None if state == ANY else settled(sheet.expressions[branch.when].root, state)


def _actors(labels: Iterable[Label]) -> tuple[int, ...]:
    return tuple(sorted({actor for label in labels for actor in label.actors}))
