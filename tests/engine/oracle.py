"""A second opinion: one small supervision process written by hand, so that the engine can be compared with it.

It shares nothing with the engine: its holidays are a list, its days are counted one by one, its rules are plain code.
All times are local and naive. What the process is, in words:

A task reports each month (February to December 2022, by the last working day of the month). A report behind plan makes
it lag; the office orders a rectification of ten working days, which stands still between `suspend` and `resume` and may
be extended by ten working days in all. A missed rectification escalates and opens an interview, to be held within
three working days; when no interview is open any more, an escalated task rectifies again with ten new days, and
what was missed stays missed. At a hundred percent a task in progress may be closed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

CLOSED = frozenset(
    date(2022, month, day)
    for month, days in {
        1: [3, 31],
        2: [1, 2, 3, 4],
        4: [4, 5],
        5: [2, 3, 4],
        6: [3],
        9: [12],
        10: [3, 4, 5, 6, 7],
    }.items()
    for day in days
) | {date(2023, 1, 2), *(date(2023, 1, day) for day in range(23, 28))}
WORKED = frozenset(
    {
        *(date(2022, 1, day) for day in (29, 30)),
        *(date(2022, 4, day) for day in (2, 24)),
        date(2022, 5, 7),
        *(date(2022, 10, day) for day in (8, 9)),
        *(date(2023, 1, day) for day in (28, 29)),
    }
)
PLAN = {2: 10.0, 4: 30.5, 9: 100.0}
"""Planned progress by month of 2022: what holds until the next one."""

DAY = timedelta(days=1)


CHANGED: dict[date, bool] = {}
"""Days that an administrator set, in the life of the oracle that was made last."""


def works(day: date) -> bool:
    """Whether the office works that day."""
    if day in CHANGED:
        return CHANGED[day]
    return day in WORKED or (day.weekday() < 5 and day not in CLOSED)


def last_working_day(month: int) -> date:
    """The last working day of a month of 2022."""
    day = date(2022 + month // 12, month % 12 + 1, 1) - DAY
    while not works(day):
        day -= DAY
    return day


MONTHS = {f"2022-{month:02d}": month for month in range(2, 13)}


def planned(month: str) -> float:
    """What the plan says for a month such as 2022-05."""
    year, number = int(month[:4]), int(month[5:])
    passed = [value for key, value in PLAN.items() if (2022, key) <= (year, number)]
    return passed[-1] if passed else 0.0


@dataclass
class Owed:
    """One thing owed by the end of a day: `due` is None while the clock stands."""

    start: datetime
    budget: int
    status: str = "running"
    due: date | None = None
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    extended: int = 0

    @property
    def open(self) -> bool:
        """Whether it can still be met in time."""
        return self.status in ("running", "paused")

    def plan(self) -> None:
        """Count working days after the start, leaving out the days after a pause began through the day it ended."""
        day, left = self.start.date(), self.budget + self.extended
        while left:
            day += DAY
            if any(until is None and since.date() < day for since, until in self.pauses):
                self.due = None
                return
            left -= works(day) and not self._stood(day)
        self.due = day

    def _stood(self, day: date) -> bool:
        ends = [(since.date(), until) for since, until in self.pauses]
        return any(until is not None and since < day <= _through(until) for since, until in ends)

    def passed(self, now: datetime) -> bool:
        """Whether its last day is over."""
        return self.open and self.due is not None and now >= midnight_after(self.due)


def _through(until: datetime) -> date:
    """A pause that ends as a day begins ends with the day before."""
    return until.date() - DAY if until.time() == time.min else until.date()


def midnight_after(day: date) -> datetime:
    """The first moment after a day."""
    return datetime.combine(day + DAY, time.min)


@dataclass
class Interview:
    """An interview that was called."""

    reply: Owed
    state: str = "called"


@dataclass
class Oracle:
    """The task as it should be. Acts return whether they are possible."""

    now: datetime
    state: str = "in_progress"
    percent: float = 0.0
    missed: int = 0
    reports: dict[str, Owed] = field(default_factory=dict)
    orders: list[Owed] = field(default_factory=list)
    interviews: list[Interview] = field(default_factory=list)
    ended_light: str | None = None

    def __post_init__(self) -> None:
        """A task that is registered owes its first report."""
        CHANGED.clear()
        self._owe_next(self.now.date())

    @property
    def light(self) -> str:
        """Red when escalated, yellow when behind the month's plan, green otherwise; at the end it stays."""
        if self.ended_light is not None:
            return self.ended_light
        if self.state == "escalated":
            return "red"
        return "yellow" if planned(f"{self.now:%Y-%m}") > self.percent else "green"

    # -- time

    def until(self, now: datetime) -> None:
        """Let time run, midnight by midnight."""
        moment = midnight_after(self.now.date())
        while moment <= now:
            self.now = moment
            self._midnight()
            moment += DAY
        self.now = now

    def _midnight(self) -> None:
        for report in [one for one in self.reports.values() if one.passed(self.now)]:
            report.status = "missed"
            self.missed += 1
            self._owe_next(self.now.date())
        self._miss_orders()
        for interview in [one for one in self.interviews if one.reply.passed(self.now)]:
            interview.reply.status = "missed"
            self._over(interview, "skipped")

    def _miss_orders(self) -> None:
        for order in [one for one in self.orders if one.passed(self.now)]:
            order.status = "missed"
            if self.state == "rectifying":
                self.state = "escalated"
                self.interviews.append(Interview(_owed(self.now, 3)))

    def _over(self, interview: Interview, state: str) -> None:
        interview.state = state
        if self.state == "escalated" and not any(one.state == "called" for one in self.interviews):
            self._rectify()

    def _owe_next(self, today: date) -> None:
        if any(one.open for one in self.reports.values()):
            return
        for month, number in MONTHS.items():
            due = last_working_day(number)
            if due >= today and month not in self.reports:
                self.reports[month] = Owed(self.now, 0, due=due)
                return

    def _rectify(self) -> None:
        self.state = "rectifying"
        self.orders.append(_owed(self.now, 10))

    def change(self, day: date) -> None:
        """A day is worked that was not, or the other way round. Dates follow, but for those that would be over."""
        CHANGED[day] = not works(day)
        for month, report in self.reports.items():
            self._follow(report, last_working_day(MONTHS[month]))
        for owed in (*self.orders, *(one.reply for one in self.interviews if one.state == "called")):
            if owed.open:
                before = owed.due
                owed.plan()
                after, owed.due = owed.due, before
                self._follow(owed, after)

    def _follow(self, owed: Owed, due: date | None) -> None:
        if owed.open and (due is None or midnight_after(due) > self.now):
            owed.due = due

    # -- acts

    def report(self, month: str, percent: float) -> bool:
        """A report for a month: it answers for that month alone."""
        if self.state == "done":
            return False
        behind = percent < planned(month)
        if self.state == "in_progress" and behind:
            self.state = "lagging"
        elif self.state == "lagging" and not behind:
            self.state = "in_progress"
        self.percent = percent
        today = self.now.date()
        if month not in self.reports and month in MONTHS and last_working_day(MONTHS[month]) >= today:
            self.reports[month] = Owed(self.now, 0, due=last_working_day(MONTHS[month]))
        owed = self.reports.get(month)
        if owed is not None and owed.status in ("running", "missed"):
            owed.status = "met" if owed.status == "running" else "met_late"
            self._owe_next(today)
        return True

    def order(self) -> bool:
        """The office orders a rectification."""
        if self.state != "lagging":
            return False
        self._rectify()
        return True

    def accept(self) -> bool:
        """The office accepts what was rectified, in time or late."""
        if self.state not in ("rectifying", "escalated"):
            return False
        self.state = "in_progress"
        waiting = [one for one in self.orders if one.open] or [one for one in self.orders if one.status == "missed"][
            -1:
        ]
        for owed in waiting:
            owed.status = "met" if owed.open else "met_late"
        return True

    def suspend(self) -> bool:
        """The clock of the rectification stops."""
        if self.state != "rectifying":
            return False
        if self.orders[-1].status == "running":
            self.orders[-1].status = "paused"
            self.orders[-1].pauses.append((self.now, None))
            self.orders[-1].plan()
        return True

    def resume(self) -> bool:
        """The clock goes on."""
        if self.state != "rectifying":
            return False
        order = self.orders[-1]
        if order.status == "paused":
            order.status = "running"
            order.pauses[-1] = (order.pauses[-1][0], self.now)
            order.plan()
            self._miss_orders()  # a day before the pause may have become a working day, the last one owed
        return True

    def grant(self, more: int) -> bool:
        """More working days, ten in all."""
        if self.state != "rectifying" or not self.orders[-1].open or self.orders[-1].extended + more > 10:
            return False
        self.orders[-1].extended += more
        self.orders[-1].plan()
        return True

    def hold(self, number: int) -> bool:
        """An interview is held."""
        if number >= len(self.interviews) or self.interviews[number].state != "called":
            return False
        self.interviews[number].reply.status = "met"
        self._over(self.interviews[number], "held")
        return True

    def close(self) -> bool:
        """The task is done: what runs is cancelled."""
        if self.state != "in_progress" or self.percent < 100:
            return False
        self.state = "done"
        self.ended_light = "yellow" if planned(f"{self.now:%Y-%m}") > self.percent else "green"
        called = [one for one in self.interviews if one.state == "called"]
        for owed in (*self.reports.values(), *self.orders, *(one.reply for one in called)):
            owed.status = "cancelled" if owed.open else owed.status
        for interview in called:
            interview.state = "dropped"
        return True


def _owed(now: datetime, budget: int) -> Owed:
    owed = Owed(now, budget)
    owed.plan()
    return owed
