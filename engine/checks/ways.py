"""Where tasks can go: the moves of every body as far as the state alone decides them, and who sets them off.

What is called unreachable here is so for every record: a guard counts only where it speaks of the state. The entry of
a task under way may name any state, so that a state without a way to it is still no impossible one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.cel.settled import settled
from engine.cel.tree import walk
from engine.checks.findings import written
from engine.checks.roles import SYSTEM
from engine.checks.sites import Site, sites
from engine.document import Document, Path
from engine.edition import Edition, Sheet
from engine.machine import sources
from engine.model import Child, Effect, Transition
from engine.model.transitions import PREVIOUS, STAY
from engine.once import once
from engine.problems import Problem, Severity, Text

REGISTERED = "registered"


class Move(NamedTuple):
    """One way that a trigger may go; `target` is `source` where the task stays."""

    trigger: str
    source: str
    target: str


class Firer(NamedTuple):
    """What fires a trigger as the system: a deadline, an act, or children that have ended."""

    what: Literal["deadline", "act", "children"]
    kind: str
    name: str


Firers = Mapping[tuple[str, str], frozenset[Firer]]
"""By the kind of a body and a trigger of it."""


@dataclass(frozen=True)
class Ways:
    """One body. `live` are the triggers that somebody or something may fire."""

    site: Site
    sheet: Sheet
    live: frozenset[str]
    firers: Mapping[str, frozenset[Firer]]

    @once
    def moves(self) -> tuple[Move, ...]:
        """Every move of a live trigger; what takes an act back leads nowhere new and is left out."""
        return self.moves_while("")

    def moves_while(self, running: str) -> tuple[Move, ...]:
        """The moves that are possible while a deadline runs: others only where a guard asks whether it does."""
        if running and running not in self._asked:
            return self.moves
        found = (self._moves(each, running) for each in self.site.body.transitions if each.trigger in self.live)
        return tuple(dict.fromkeys(move for moves in found for move in moves))

    @once
    def _asked(self) -> frozenset[str]:
        """The deadlines of which a guard asks whether they run."""
        asking = (each for each in self.sheet.expressions.values() if "running" in each.calls)
        calls = (node for each in asking for node in walk(each.root) if node.get("function") == "running")
        return frozenset(str(node["arguments"][0].get("value")) for node in calls)

    @once
    def reachable(self) -> frozenset[str]:
        """The states to which moves lead from the initial one; a child is also cancelled into one."""
        body = self.site.body
        given = [body.cancelled] if isinstance(body, Child) and body.cancelled and self.is_cancelled else []
        return self.closure([body.initial, *given])

    @once
    def finals(self) -> frozenset[str]:
        return frozenset(self.site.finals)

    @property
    def is_cancelled(self) -> bool:
        """Whether the end of a parent ends it too."""
        body = self.site.body
        return isinstance(body, Child) and body.on_parent_end == "cancel"

    def closure(self, states: Iterable[str]) -> frozenset[str]:
        """These states, and all to which moves lead from them."""
        seen = set(states)
        waiting = list(seen)
        while waiting:
            new = self._after[waiting.pop()] - seen
            seen |= new
            waiting += new
        return frozenset(seen)

    @once
    def _after(self) -> Mapping[str, set[str]]:
        """The states to which moves lead from each."""
        found = defaultdict[str, set[str]](set)
        for move in self.moves:
            found[move.source].add(move.target)
        return found

    def origins(self, trigger: str) -> frozenset[str]:
        """The states in which a trigger is possible."""
        return frozenset(move.source for move in self.moves if move.trigger == trigger)

    def _moves(self, transition: Transition, running: str) -> Iterator[Move]:
        for state in sources(self.site.body, transition):
            if self.holds(transition.when, state, running) is False:
                continue
            for branch in transition.to:
                holds = self.holds(branch.when, state, running)
                if holds is not False and branch.state != PREVIOUS:
                    yield Move(transition.trigger, state, state if branch.state == STAY else branch.state)
                if holds:
                    break

    def holds(self, when: str | None, state: str, running: str = "") -> bool | None:
        """What a guard comes to in a state (while a deadline runs), or None where it hangs on more."""
        return True if when is None else settled(self.sheet.expressions[when].root, state, running)


@dataclass(frozen=True)
class Ground:
    """A whole edition under question: its bodies' ways by kind, and where things stand in the text."""

    edition: Edition
    document: Document
    ways: Mapping[str, Ways]

    def problem(
        self,
        code: str,
        path: Path,
        message: Text,
        cure: Text,
        severity: Severity = "warning",
        said: str | None = None,
    ) -> Problem:
        """A finding at the value of `path`, or at a name in it."""
        return Problem(code, self.document.at(written(self.document, path, said)), message, cure, severity)

    def named(self, code: str, path: Path, message: Text, cure: Text, severity: Severity = "warning") -> Problem:
        """A finding at the name of what stands at `path`."""
        return Problem(code, self.document.key_at(written(self.document, path)), message, cure, severity)


def ground(edition: Edition, document: Document) -> Ground:
    """The ways of every body of an edition."""
    found = sites(edition.process)
    firers = _firers(found)
    live = _live(found, firers)
    ways = {
        site.kind: Ways(
            site,
            edition.sheets[site.kind],
            frozenset(trigger for kind, trigger in live if kind == site.kind),
            {trigger: each for (kind, trigger), each in firers.items() if kind == site.kind},
        )
        for site in found
    }
    return Ground(edition, document, ways)


def effects_of(transition: Transition) -> Iterator[Effect]:
    """What follows a transition, on whichever branch."""
    yield from transition.then
    for branch in transition.to:
        yield from branch.then


def _firers(found: Iterable[Site]) -> Firers:
    firers: dict[tuple[str, str], set[Firer]] = defaultdict(set)
    for site in found:
        for name, rule in site.body.deadlines.items():
            for fire in filter(None, (rule.missed, rule.lapsed, rule.excused)):
                firers[site.kind, fire.fire].add(Firer("deadline", site.kind, name))
        for name, child in site.body.children.items():
            for waited in child.on_end:
                firers[site.kind, waited.fire].add(Firer("children", site.kind, name))
        acts = [(each.trigger, effects_of(each)) for each in site.body.transitions]
        for trigger, effects in [*acts, (REGISTERED, iter(site.body.registration.then))]:
            for effect in effects:
                if effect.fire is not None:
                    firers[_target(site, effect.on), effect.fire].add(Firer("act", site.kind, trigger))
    return {key: frozenset(each) for key, each in firers.items()}


def _target(site: Site, on: str | None) -> str:
    if on == "parent" and site.parent is not None:
        return site.parent.kind
    return site.kind if on in ("task", None) else site.child_kind(str(on))


def _live(found: Iterable[Site], firers: Firers) -> set[tuple[str, str]]:
    """The triggers that people may fire, that time or children fire, and that these set off in their turn."""
    live = {(site.kind, each.trigger) for site in found for each in site.body.transitions if not _is_silent(each)}
    live |= {key for key, each in firers.items() if any(firer.what != "act" for firer in each)}
    live |= {key for key, each in firers.items() if any(firer.name == REGISTERED for firer in each)}
    while new := {key for key, each in firers.items() if any(firer[1:] in live for firer in each)} - live:
        live |= new
    return live


def _is_silent(transition: Transition) -> bool:
    """Whether only the system fires it."""
    return bool(transition.by) and all(by.role == SYSTEM for by in transition.by)
