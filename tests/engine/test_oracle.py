"""The engine against a model that shares no code with it: the same random acts and times, the same task after each."""

from __future__ import annotations

import ast
import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.commands import Actor, Fire, Register, Reproject
from engine.reprojecting import REASON
from engine.task import Occurrence, Task
from tests.engine import oracle, stage
from tests.engine.walks import ZONE, calendar
from workflows.authoring.virtual import VirtualFamily

HERE = Path(__file__).parent
CN = calendar()
EDITION = stage.edition(stage.yaml((HERE / "data" / "supervision.yaml").read_text(encoding="utf-8")))
TORTURE = bool(os.environ.get("DUBAN_TORTURE"))

pytestmark = pytest.mark.torture
PLAN = {f"2022-{month:02d}": {"planned": value} for month, value in oracle.PLAN.items()}
ROLE = {"report": "lead"}
END = datetime.fromisoformat("2023-01-31T15:00")
"""Where time stops, before the oracle's list of holidays does."""
MONTHS = [f"2022-{month:02d}" for month in range(1, 13)] + ["2023-01"]


def _due(owed: oracle.Owed) -> tuple[str, str | None]:
    return owed.status, owed.due.isoformat() if owed.due else None


def _found(one: Occurrence) -> tuple[str, str | None]:
    return one["status"], one.get("last_day")


class Supervision(RuleBasedStateMachine):
    """Engine and oracle side by side. Acts come at least a minute apart, midnight itself included."""

    kinds: ClassVar[set[str]] = set()

    @initialize(day=st.integers(0, 200), hour=st.sampled_from([0, 9, 23]))
    def register(self, day: int, hour: int) -> None:
        """A task is registered some time in 2022."""
        self.now = datetime.fromisoformat(f"2022-01-04T{hour:02d}:00") + timedelta(days=day)
        self.oracle = oracle.Oracle(self.now)
        self.family = VirtualFamily(EDITION, CN)  # as the oracle, without what was changed in another life
        _, refusal = self.family.do(Register("t", "", {}, PLAN, Actor("office", ("office",)), self._at()))
        assert refusal is None

    def _at(self) -> datetime:
        return self.now.replace(tzinfo=ZONE)

    def _act(self, trigger: str, possible: bool, form: dict[str, Any] | None = None, task: str = "t") -> None:
        role = ROLE.get(trigger, "office")
        events, refusal = self.family.do(Fire(task, trigger, form or {}, Actor(role, (role,)), self._at()))
        assert (refusal is None) == possible, (trigger, refusal)
        self._saw(trigger if possible else "refused", *(event.type.value for event in events))

    def _saw(self, *kinds: str) -> None:
        self.kinds.update(kinds)

    def _later(self, minutes: int) -> None:
        self.now = min(self.now + timedelta(minutes=minutes), END)
        self.oracle.until(self.now)

    @rule(minutes=st.sampled_from([1, 60, 600]), days=st.sampled_from([0, 0, 1, 2, 5, 12, 35]))
    def time_passes(self, minutes: int, days: int) -> None:
        """Some time passes, and the sweep comes."""
        self._later(minutes + days * 24 * 60)
        self._saw(*(event.type.value for event in self.family.pass_time(self._at())))

    @rule()
    def midnight_comes(self) -> None:
        """The first moment of the next day."""
        self.now = min(oracle.midnight_after(self.now.date()), END)
        self.oracle.until(self.now)

    @rule(
        hours=st.sampled_from([0, 30, 300]), month=st.sampled_from(MONTHS), percent=st.sampled_from([0, 9.5, 30.5, 100])
    )
    def report(self, hours: int, month: str, percent: float) -> None:
        """A report for any month."""
        self._later(1 + 60 * hours)
        self._act("report", self.oracle.report(month, percent), {"month": month, "percent": percent})

    @rule(percent=st.sampled_from([5, 30, 70.8, 100]))
    def report_in_time(self, percent: float) -> None:
        """A report for the month at hand."""
        self._later(1)
        month = f"{self.now:%Y-%m}"
        self._act("report", self.oracle.report(month, percent), {"month": month, "percent": percent})

    @rule(
        minutes=st.sampled_from([1, 1500]), trigger=st.sampled_from(["order", "accept", "suspend", "resume", "close"])
    )
    def office_acts(self, minutes: int, trigger: str) -> None:
        """The office tries something."""
        self._later(minutes)
        self._act(trigger, getattr(self.oracle, trigger)())

    @precondition(lambda self: self.oracle.state in ("lagging", "rectifying"))
    @rule(trigger=st.sampled_from(["order", "suspend", "resume", "resume"]), days=st.sampled_from([0, 1, 3, 9]))
    def rectification_goes_on(self, trigger: str, days: int) -> None:
        """What is possible is tried more often."""
        self._later(1 + days * 24 * 60)
        self._act(trigger, getattr(self.oracle, trigger)())

    @precondition(lambda self: self.oracle.state == "in_progress")
    @rule(days=st.sampled_from([0, 5, 20, 40]))
    def it_lags_and_is_to_rectify(self, days: int) -> None:
        """A report behind plan, the order at once, and then some days."""
        self._later(1)
        self._act("report", self.oracle.report("2022-12", 5), {"month": "2022-12", "percent": 5})
        self._later(1)
        self._act("order", self.oracle.order())
        self._later(days * 24 * 60)

    @rule(more=st.integers(1, 6))
    def grant(self, more: int) -> None:
        """More time is asked for."""
        self._later(1)
        self._act("grant", self.oracle.grant(more), {"more": more})

    @rule(minutes=st.sampled_from([1, 1500]), days=st.integers(-3, 40))
    def the_calendar_changes(self, minutes: int, days: int) -> None:
        """A day of rest is worked, or a working day is not: long ago, soon, or some weeks from now."""
        self._later(minutes)
        self.family.pass_time(self._at())
        day = self.now.date() + timedelta(days=days)
        self.oracle.change(day)
        self.family.calendar = self.family.calendar.with_overrides({day: oracle.works(day)})
        events, refusal = self.family.do(Reproject("t", "notice", Actor("zhao", ("admin",)), self._at()))
        assert refusal is None
        self._saw(*("moved by the calendar" for event in events if event.payload.get("reason") == REASON))

    @precondition(lambda self: bool(self.oracle.interviews))
    @rule(days=st.sampled_from([0, 1, 4]), back=st.integers(0, 1))
    def hold(self, days: int, back: int) -> None:
        """An interview is held, the last or the one before."""
        self._later(1 + days * 24 * 60)
        number = max(0, len(self.oracle.interviews) - 1 - back)
        task = f"t.interview.{number + 1}"
        if task in self.family.open or self.oracle.interviews[number].state == "called":
            self._act("hold", self.oracle.hold(number), task=task)

    @invariant()
    def they_agree(self) -> None:
        """State, record, counters, every occurrence with its last day and status, the light, and the interviews."""
        if not hasattr(self, "family"):
            return
        self._saw(*(event.type.value for event in self.family.pass_time(self._at())))
        task, told = self.family.tasks["t"], self.oracle
        assert (task.state, task.signal) == (told.state, told.light)
        assert (float(task.fields["percent"]), task.fields["misses"]) == (told.percent, told.missed)
        assert _of(task, "monthly") == {key: _due(one) for key, one in told.reports.items()}
        assert _of(task, "rectification") == {str(n): _due(one) for n, one in enumerate(told.orders, 1)}
        for number, interview in enumerate(told.interviews, 1):
            child = self.family.tasks[f"t.interview.{number}"]
            assert child.state == interview.state
            assert _of(child, "hold_it") == {"1": _due(interview.reply)}
        assert len(self.family.tasks) == 1 + len(told.interviews)


def _of(task: Task, name: str) -> dict[str, tuple[str, str | None]]:
    return {one["key"]: _found(one) for one in task.deadlines.values() if one["name"] == name}


PROFILE = settings(
    max_examples=2000 if TORTURE else 200,
    stateful_step_count=80 if TORTURE else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


TestSupervision = Supervision.TestCase
TestSupervision.settings = PROFILE


def test_a_saturday_that_was_worked_after_all_may_have_been_the_last_day() -> None:
    """Ten working days, nine of them gone when the clock is stopped on a Saturday, which is then made a working day: as
    the clock goes on, the last day is over.
    """
    life = Supervision()
    life.register(day=153, hour=9)
    life.it_lags_and_is_to_rectify(days=12)
    life.rectification_goes_on(trigger="suspend", days=0)
    life.the_calendar_changes(minutes=1500, days=-1)
    assert life.oracle.state == "rectifying"
    life.they_agree()
    life.rectification_goes_on(trigger="resume", days=3)
    assert (life.oracle.state, life.oracle.orders[-1].due) == ("escalated", date(2022, 6, 18))
    life.they_agree()


def test_the_random_acts_reached_every_part_of_the_process() -> None:
    """The comparison is no use where nothing happens; this runs after it, in the order of the file."""
    if not Supervision.kinds:
        TestSupervision("runTest").runTest()
    acts = {"report", "order", "accept", "suspend", "resume", "grant", "hold", "close", "refused"}
    events = {"DeadlineMissed", "DeadlinePaused", "DeadlineResumed", "DeadlineExtended", "DeadlineMet", "SignalChanged"}
    assert (
        acts | events | {"ChildOpened", "ChildEnded", "DeadlineReminded", "moved by the calendar"} <= Supervision.kinds
    )


def test_the_oracle_imports_nothing_of_the_product() -> None:
    tree = ast.parse((HERE / "oracle.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported == {"__future__", "dataclasses", "datetime"}


def test_the_oracle_s_holidays_are_those_of_the_calendar() -> None:
    """Two lists made apart; where they differed, all other comparisons would be about days, not about rules."""
    oracle.CHANGED.clear()
    day = date(2022, 1, 4)
    while day < date(2023, 4, 1):
        assert oracle.works(day) == CN.is_working(day), day
        day += timedelta(days=1)
