"""A process as it is published: its states with the open tasks in each, its editions, its deadlines, and who may do
what. Whoever answers for it sees beside this what is found in it, what its scenarios show, and its migrations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from fastapi.responses import Response

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import SYSTEM, instant
from engine.loading import load
from engine.model.base import Titled
from engine.problems import Problem
from engine.titles import Titles
from web.access import PERSON, Routes
from web.fixed import parameters
from web.render import image
from web.visit import Here, NotHere, Visit
from workflows.authoring import standings
from workflows.authoring.checking import PATIENCE, alone
from workflows.authoring.diff.wording import Words, joined
from workflows.authoring.drafts import PLANS, drafts
from workflows.authoring.kept_scenarios import Tried, tried
from workflows.authoring.proposals import Proposal, all_of
from workflows.authoring.unheld import unheld
from workflows.coverage import said, shares
from workflows.lists.ports import Wanted
from workflows.pictures.drawing import Drawing, drawing
from workflows.pictures.placing import PAGE, NoPicture
from workflows.pictures.states import picture

routes = Routes()


@routes.get("/processes", need=PERSON, reads=True)
def processes(visit: Here) -> Response:
    """Every process that is published, by the edition in force."""
    names = sorted({each.process for each in visit.desk.store.editions()})
    found = [edition for name in names if (edition := _latest(visit, name)) is not None]
    opened = {each.process.process: sum(_open(visit, each, "").values()) for each in found}
    return visit.page("processes.html", processes=found, opened=opened, waiting=_waiting(visit))


def _latest(visit: Visit, process: str) -> Edition | None:
    found = visit.desk.latest(process)
    return None if isinstance(found, Refusal) else found[0]


def _open(visit: Visit, edition: Edition, kind: str) -> Counter[str]:
    """How many open tasks that the visitor sees are in which state, whatever edition they are under."""
    wanted = Wanted(visit.scope, kind, process=edition.process.process, ended=False)
    counts: Counter[str] = Counter()
    for each in visit.house.lists.counts(wanted):
        counts[each.state] += each.tasks
    return counts


def _waiting(visit: Visit) -> list[Proposal]:
    """What waits for a second administrator, where the visitor may know."""
    every = all_of(visit.desk.store).values() if visit.context["auditor"] else ()
    return [each for each in every if each.state == "submitted"]


# -- one process


@dataclass(frozen=True)
class Shown:
    """What the address asks for: an edition, one of its bodies, and the role whose ways alone are drawn, if any."""

    edition: Edition
    kind: str
    role: str

    def query(self, **changes: str) -> str:
        """The address of the same page with changes."""
        process = self.edition.process
        told = {"edition": process.edition, "body": self.kind, "role": self.role, **changes}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"/processes/{quote(process.process)}?{query}"


SAID = frozenset({"migrate_which"})


@routes.get("/processes/{process}", need=PERSON, reads=True)
def process_page(
    visit: Here, process: str, edition: str = "", body: str = "", role: str = "", said: str = ""
) -> Response:
    """One process, by the edition in force or the one that is asked for."""
    shown = _asked(visit, process, edition, body, role)
    one = shown.edition
    counts = _open(visit, one, shown.kind)
    more: dict[str, Any] = _answered_for(visit, one) if visit.context["auditor"] else {}
    return visit.page(
        "process.html",
        shown=shown,
        edition=one,
        title=one.process.title.title(visit.lang),
        bodies=[(kind, _body_title(one, kind, visit)) for kind in one.sheets],
        roles=[(name, Titles(one, visit.lang).role(name)) for name in one.process.roles],
        drawn=_drawn(visit, shown, counts),
        states=list(_states(visit, shown, counts)),
        standings=_standings(visit, process),
        words=standings.WORDS,
        opened=visit.house.lists.editions_of(Wanted(visit.scope, process=process, ended=False)),
        instant=instant,
        deadlines=list(_deadlines(visit, shown)),
        acts=list(_acts(visit, shown)),
        parameters=list(parameters(visit.lang, one)),
        said=said if said in SAID else "",
        **more,
    )


def _asked(visit: Visit, process: str, edition: str, body: str, role: str) -> Shown:
    name = f"{process}@{edition}"
    try:
        one = visit.desk.book(name)[0] if edition else _latest(visit, process)
    except LookupError:
        one = None
    if one is None or body not in one.sheets:
        raise NotHere
    return Shown(one, body, role if role in one.process.roles else "")


def _body_title(edition: Edition, kind: str, visit: Visit) -> str:
    body = edition.sheets[kind].body
    return body.title(visit.lang) if kind and isinstance(body, Titled) else visit.words("process_tasks")


@dataclass(frozen=True)
class Area:
    """Where a state stands on the picture, and what it leads to: its tasks on the board."""

    title: str
    address: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Drawn:
    """The picture as the address of an image, its size, and the states on it that lead somewhere."""

    address: str
    width: float
    height: float
    areas: Sequence[Area]


def _drawn(visit: Visit, shown: Shown, counts: Mapping[str, int]) -> Drawn | None:
    """The picture; None where it cannot be drawn."""
    told = picture(shown.edition, shown.kind, visit.lang, shown.role or None, counts)
    try:
        found = drawing(told, visit.lang, PAGE)
    except NoPicture:
        return None
    return Drawn(image(found.svg), found.width, found.height, list(_areas(visit, shown, counts, found)))


def _areas(visit: Visit, shown: Shown, counts: Mapping[str, int], found: Drawing) -> Iterator[Area]:
    for state, title, address, tasks in _states(visit, shown, counts):
        if address:
            yield Area(visit.words("process_state_tasks", state=title, n=tasks), address, *found.states[state])


def _states(visit: Visit, shown: Shown, counts: Mapping[str, int]) -> Iterator[tuple[str, str, str, int]]:
    """Each state that is not final: its name, its title, the board of its tasks (of the process itself), how many."""
    process = shown.edition.process.process
    for name, state in shown.edition.sheets[shown.kind].body.states.items():
        if not state.final:
            query = urlencode({"process": process, "state": name, "open": "yes"})
            yield name, state.title(visit.lang), "" if shown.kind else f"/board?{query}", counts.get(name, 0)


def _standings(visit: Visit, process: str) -> list[standings.Standing]:
    """Every edition that is published; those on their way too, for whoever may know."""
    found = standings.standings(visit.desk, process)
    return [each for each in found if each.published_at is not None or visit.context["auditor"]]


@dataclass(frozen=True)
class Owed:
    """One deadline in words: who owes it, by when, what reminds, and what follows when it passes."""

    title: str
    who: str
    due: str
    remind: str
    then: str


def _deadlines(visit: Visit, shown: Shown) -> Iterator[Owed]:
    words, titles = Words(shown.edition, shown.kind), Titles(shown.edition, visit.lang, shown.kind)
    for rule in shown.edition.sheets[shown.kind].body.deadlines.values():
        if shown.role in ("", rule.role):
            end = rule.missed or rule.lapsed
            due, remind = words.of(rule.every or rule.due), words.of(rule.remind) if rule.remind else None
            yield Owed(
                rule.title(visit.lang), titles.role(rule.role), due.in_(visit.lang),
                remind.in_(visit.lang) if remind else "", titles.trigger(end.fire) if end else "",
            )  # fmt: skip


@dataclass(frozen=True)
class Act:
    """One transition in words: who may, from where, where it leads."""

    title: str
    by: str
    start: str
    to: str


def _acts(visit: Visit, shown: Shown) -> Iterator[Act]:
    words = Words(shown.edition, shown.kind)
    for each in shown.edition.sheets[shown.kind].body.transitions:
        if not shown.role or shown.role in {one.role for one in each.by}:
            to = joined([words.name(state, "state") for state in dict.fromkeys(one.state for one in each.to)])
            told = words.of(each.by, "by"), words.of(each.from_, "from_"), to
            yield Act(each.title(visit.lang), *(one.in_(visit.lang) for one in told))


# -- for whoever answers for it


def _answered_for(visit: Visit, edition: Edition) -> dict[str, Any]:
    problems = [*_problems(edition.text), *_unheld(visit, edition)]
    shown = tried(visit.desk, edition, visit.desk.book(edition.name)[1])
    every, process = all_of(visit.desk.store).values(), edition.process.process
    return {
        "problems": [(each.severity, each.where.line, _told(each, visit)) for each in problems],
        "scenarios": shown,
        "coverage": [] if shown.cut else list(_coverage(visit, edition, shown)),
        "failures": [each.text(visit.lang) for each in shown.failures],
        "never": [(each.sort.in_(visit.lang), said(edition, each, visit.lang)) for each in shown.never],
        "migrations": [each for each in reversed([*every]) if each.is_migration and each.process == process],
        "plans": [each.name.split(":") for each in drafts(visit.desk, PLANS) if each.name.startswith(f"{process}:")],
        "system": SYSTEM,
    }


@lru_cache(maxsize=32)
def _problems(text: str) -> tuple[Problem, ...]:
    """What is found in a published text; it never changes."""
    return tuple(alone(load(text, "process.yaml"), PATIENCE))


def _unheld(visit: Visit, edition: Edition) -> Iterator[Problem]:
    """The roles that nobody holds now."""
    document = load(edition.text, "process.yaml").document
    assert document is not None, "a published text can be read"
    yield from unheld(visit.desk, edition, document)


def _told(problem: Problem, visit: Visit) -> str:
    cure = problem.cure.in_(visit.lang) if problem.cure else ""
    return f"{problem.message.in_(visit.lang)}{visit.words('dash')}{cure}" if cure else problem.message.in_(visit.lang)


def _coverage(visit: Visit, edition: Edition, shown: Tried) -> Iterator[tuple[str, int, int]]:
    for each in shares(edition, shown.never):
        yield each.sort.in_(visit.lang), each.happened, each.of
