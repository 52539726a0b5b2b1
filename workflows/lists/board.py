"""The board: a page of tasks with titles, and how many there are by heading, unit, state and light."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from engine import dues
from engine.commands import Refusal
from engine.edition import Edition
from engine.once import once
from engine.problems import Language
from engine.titles import COLOURS, Titles
from workflows.desk import Desk
from workflows.facets import heading
from workflows.lists.ports import Count, Lists, NextOwed, Order, TaskRow, Wanted
from workflows.ports import BoardRow

SIZE = 50
CARDS = 20
"""How many cards a column of the board shows at most."""

LIGHTS = tuple(COLOURS)


@dataclass(frozen=True, slots=True)
class Line:
    """A task with titles. `days` are the working days left until what it owes next, or by which that is late."""

    row: TaskRow
    state: str
    heading: str
    owed: NextOwed | None = None
    deadline: str = ""
    days: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """How many tasks have a value, and how many of them show each light, the gravest first. `key` is None for none."""

    key: str | None
    title: str
    tasks: int
    lights: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """The tasks of one state, as far as they are shown."""

    state: str
    title: str
    tasks: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Glance:
    """All that is wanted, counted. `headed` is the title of the field that tasks are put under, if there is one."""

    total: int
    open: int
    overdue: int | None
    headed: str | None
    by: Mapping[str, Sequence[Bar]]
    """`process`, `heading`, `unit`, `state` and `signal`."""


@dataclass
class Reader:
    """Reads lists in one language. With `at` they are as they were then, as far as lists know it; with `known_at`
    too, as it was known at that time.
    """

    desk: Desk
    lists: Lists
    lang: Language
    at: datetime | None = None
    known_at: datetime | None = None

    # -- words

    def __post_init__(self) -> None:
        """Titles are looked up once for each process."""
        self._latest: dict[str, Edition | None] = {}
        self._past: tuple[Wanted, list[TaskRow]] | None = None

    def edition(self, process: str) -> Edition | None:
        """The edition of a process that is in force."""
        if process not in self._latest:
            found = self.desk.latest(process)
            self._latest[process] = None if isinstance(found, Refusal) else found[0]
        return self._latest[process]

    def titles(self, process: str, kind: str = "") -> Titles:
        """The titles of a process."""
        return Titles(self.edition(process), self.lang, kind)

    def process_title(self, process: str) -> str:
        """What a process is called."""
        edition = self.edition(process)
        return edition.process.title.title(self.lang) if edition else process

    def heading_of(self, process: str | None) -> str | None:
        """The field under whose values a process puts its tasks."""
        edition = self.edition(process) if process else None
        return heading(edition.sheets[""].body) if edition else None

    @once
    def processes(self) -> Sequence[str]:
        """Every process that has been published."""
        return sorted({each.process for each in self.desk.store.editions()})

    # -- reading

    def glance(self, wanted: Wanted) -> Glance:
        """Everything that is wanted, counted."""
        name = self.heading_of(wanted.process)
        counts = self.lists.counts(wanted) if self.at is None else _counted(self._then(wanted))
        edition = self.edition(wanted.process) if wanted.process else None
        finals = {
            (process, state): rule.final
            for process in {each.process for each in counts}
            if (one := self.edition(process)) is not None and wanted.kind in one.sheets
            for state, rule in one.sheets[wanted.kind].body.states.items()
        }
        return Glance(
            total=sum(each.tasks for each in counts),
            open=sum(each.tasks for each in counts if not finals.get((each.process, each.state))),
            overdue=sum(each.late or 0 for each in counts) if self.at is None else None,
            headed=Titles(edition, self.lang).field(name) if name else None,
            by=self._bars(counts, name, wanted),
        )

    def _bars(self, counts: Sequence[Count], name: str | None, wanted: Wanted) -> dict[str, Sequence[Bar]]:
        @cache
        def heading_said(process: str, value: str | None) -> str:
            return str(self.titles(process).value(name, value)) if value else ""

        @cache
        def state_said(process: str, state: str) -> str:
            return self.titles(process, wanted.kind).state(state)

        def headed(one: Count) -> tuple[str | None, str]:
            return one.heading, heading_said(one.process, one.heading)

        def stated(one: Count) -> tuple[str | None, str]:
            return one.state, state_said(one.process, one.state)

        colour = Titles(None, self.lang).colour
        units, headings = _bars(counts, lambda one: (one.unit, one.unit or "")), _bars(counts, headed) if name else []
        states = _bars(counts, stated)
        return {
            "process": _bars(counts, lambda one: (one.process, self.process_title(one.process))),
            "heading": sorted(headings, key=_most),
            "unit": sorted(units, key=_most),
            "state": sorted(states, key=lambda bar: self._place(wanted, bar.key or "")),
            "signal": sorted(_bars(counts, lambda one: (one.signal, colour(one.signal))), key=_gravest),
        }

    def _place(self, wanted: Wanted, state: str) -> int:
        """Where a state stands in its definition."""
        for process in [wanted.process] if wanted.process else self.processes:
            states = self.states(process, wanted.kind)
            if state in states:
                return list(states).index(state)
        return len(state)

    def states(self, process: str | None, kind: str = "") -> Mapping[str, str]:
        """The states of a process with their titles, in the order of its definition."""
        edition = self.edition(process) if process else None
        if edition is None or kind not in edition.sheets:
            return {}
        return {name: state.title(self.lang) for name, state in edition.sheets[kind].body.states.items()}

    def page(
        self, wanted: Wanted, order: Order, *, offset: int = 0, limit: int | None = SIZE, today: datetime | None = None
    ) -> list[Line]:
        """Some of what is wanted, in order."""
        name = self.heading_of(wanted.process)
        ranked = replace(order, ranks={"signal": LIGHTS, "state": list(self.states(wanted.process, wanted.kind))})
        if self.at is None:
            rows = self.lists.rows(wanted, ranked, offset=offset, limit=limit)
        else:
            rows = _arranged(self._then(wanted), ranked)[offset : None if limit is None else offset + limit]
        return self.lines(rows, name, today)

    def lines(self, rows: Sequence[TaskRow], name: str | None, today: datetime | None = None) -> list[Line]:
        """Rows with titles and what they owe next."""
        owed = self.lists.next_owed([row.task for row in rows]) if self.at is None else {}
        now = today or self.desk.clock()
        return [self._line(row, name, owed.get(row.task), now) for row in rows]

    def _line(self, row: TaskRow, name: str | None, owed: NextOwed | None, now: datetime) -> Line:
        titles = self.titles(row.process, row.kind)
        head = str(titles.value(name, row.heading)) if name and row.heading else ""
        if owed is None:
            return Line(row, titles.state(row.state), head)
        edition, calendar = self.desk.book(row.edition)
        today = now.astimezone(edition.zone).date()
        last = date.fromisoformat(owed.last_day) if owed.last_day else None
        late = owed.status == "missed" or (last is not None and last < today)
        days = None
        if last is not None:
            days = dues.days_late(calendar, last, today) if late else calendar.working_days_between(today, last)
        return Line(row, titles.state(row.state), head, owed, titles.deadline(owed.name), days, late)

    def columns(self, wanted: Wanted, glance: Glance) -> list[Column]:
        """The tasks by state, in the order of the definition; of each state so many as a page holds."""
        name = self.heading_of(wanted.process)
        if self.at is None:
            rows = self.lists.columns(wanted, each=CARDS)
        else:
            rows = _arranged(self._then(wanted), Order("task"))
        lines: dict[str, list[Line]] = {}
        for line in self.lines(rows, name):
            lines.setdefault(line.row.state, []).append(line)
        counted = {bar.key: bar.tasks for bar in glance.by["state"]}
        states = self.states(wanted.process, wanted.kind) or {bar.key or "": bar.title for bar in glance.by["state"]}
        return [
            Column(state, title, counted.get(state, 0), lines.get(state, [])[:CARDS]) for state, title in states.items()
        ]

    def _then(self, wanted: Wanted) -> list[TaskRow]:
        """What was wanted then: who may see a task, and under which heading it stands, is known as of now alone."""
        assert self.at is not None
        if self._past is not None and self._past[0] == wanted:
            return self._past[1]
        lasting = lasting_of(wanted)
        now = self.lists.rows(lasting, Order("task"))
        known = {row.task: row for row in now}
        then = (
            _as_it_was(known[was.task], was)
            for was in self.desk.store.board(self.at, self.known_at)
            if was.task in known
        )
        self._past = wanted, [row for row in then if _fits(row, wanted)]
        return self._past[1]


def lasting_of(wanted: Wanted) -> Wanted:
    """What is wanted by what does not change: where a task stood otherwise at another time, it is among these."""
    return replace(wanted, state=None, signal=None, unit=None, ended=None, text="", overdue=False)


# -- counting


def _bars(counts: Iterable[Count], by: Callable[[Count], tuple[str | None, str]]) -> list[Bar]:
    """Counts put together by what `by` says: a value and its title."""
    found: dict[tuple[str | None, str], Counter[str]] = defaultdict(Counter)
    for one in counts:
        found[by(one)][one.signal or ""] += one.tasks
    return [
        Bar(key, title, lights.total(), [(name, lights[name]) for name in (*LIGHTS, "") if lights[name]])
        for (key, title), lights in found.items()
    ]


def _most(bar: Bar) -> tuple[bool, int, str]:
    return bar.key is None, -bar.tasks, bar.title


def _gravest(bar: Bar) -> int:
    return LIGHTS.index(bar.key) if bar.key in LIGHTS else len(LIGHTS)


def _counted(rows: Iterable[TaskRow]) -> list[Count]:
    counted = Counter((row.process, row.state, row.signal, row.unit, row.heading) for row in rows)
    return [Count(*key, tasks) for key, tasks in counted.items()]


# -- as it was


def _as_it_was(row: TaskRow, was: BoardRow) -> TaskRow:
    return replace(row, state=was.state, signal=was.signal, title=was.title, unit=was.unit, ended=was.ended)


def _fits(row: TaskRow, wanted: Wanted) -> bool:
    same = all(
        value is None or value == getattr(row, name)
        for name in ("state", "signal", "unit", "ended")
        for value in [getattr(wanted, name)]
    )
    said = wanted.text.casefold()
    return same and (not said or said in (row.title or "").casefold() or said in row.task.casefold())


def _arranged(rows: Sequence[TaskRow], order: Order) -> list[TaskRow]:
    """Rows in an order, as the store would put them; what was owed then is not known here, and orders nothing."""

    def key(name: str) -> Callable[[TaskRow], Any]:
        ranks = {value: place for place, value in enumerate(order.ranks.get(name, ()))}

        def of(row: TaskRow) -> Any:
            value = getattr(row, "touched_at" if name == "touched" else name, row.task)
            return ranks.get(value, len(ranks)) if ranks else value or ""

        return of

    found = sorted(rows, key=lambda row: row.task)
    found = sorted(found, key=key(order.by), reverse=order.descending)
    return sorted(found, key=key(order.group)) if order.group else found
