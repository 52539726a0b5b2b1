"""What is handed on from one decision to the next spares work and changes nothing: whatever a date hangs on, it moves
when that moves, and a family that is decided with ledgers of its past comes out as one that is decided without.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from engine.calendars import Calendar
from engine.commands import Decision, Refusal
from engine.ledger import Ledgers
from tests.engine.life import Life, day, open_and_done

HANGING = open_and_done("""
parameters:
  grace: {type: term, value: 3 working days}
fields:
  base: {type: date}
  other: {type: date}
  length: {type: integer, default: 1}
  note: {type: text}
milestones:
  fields:
    by: {type: date}
    planned: {type: percent}
transitions:
  - {trigger: shift, from: open, by: office, to: stay, form: {base: {type: date}}, set: {base: form.base}}
  - {trigger: promise, from: open, by: office, to: stay, form: {other: {type: date}}, set: {other: form.other}}
  - {trigger: measure, from: open, by: office, to: stay, form: {length: {type: integer}}, set: {length: form.length}}
  - {trigger: note, from: open, by: office, to: stay, form: {note: {type: text}}, set: {note: form.note}}
  - trigger: plan
    from: open
    by: office
    to: stay
    form: {month: {type: month, required: true}, by: {type: date, required: true}}
    milestone: {key: form.month, set: {by: form.by}}
  - {trigger: halt, from: open, by: office, to: halted}
  - {trigger: go_on, from: halted, by: office, to: open}
  - {trigger: take_back, from: any, by: office, to: previous}
  - {trigger: grant, from: open, by: office, to: stay}
  - {trigger: meet, from: open, by: lead, to: stay}
  - {trigger: close, from: open, by: office, to: done}
states:
  open: {initial: true}
  halted: {}
  done: {final: true}
deadlines:
  by_field: {owed_by: lead, starts: registered, due: param.grace after task.base, remind: [2 working days before]}
  by_two: {owed_by: lead, starts: registered, due: {latest_of: [task.base, task.other]}, pause: {in: halted}}
  by_plan: {owed_by: lead, starts: registered, due: {date: "has_milestone('2022-08') ? by('2022-08') : '2022-10-01'"}}
  by_size:
    owed_by: lead
    starts: registered
    due: {date: "add(date_of(start), task.length, 'days')"}
    extend: {by: grant, amount: "2", up_to: 20 days}
  by_reckoning: {owed_by: lead, starts: registered, due: {date: "latest([task.base, month_end(month_of(task.other))])"}}
  by_state: {owed_by: lead, starts: registered, due: {date: "state == 'halted' ? '2022-12-01' : '2022-11-01'"}}
  by_deadline: {owed_by: lead, starts: registered, due: 2 days after due('by_field'), met_by: meet}
  reminded:
    owed_by: lead
    starts: registered
    due: {latest_of: [task.base, "'2022-09-01'"]}
    remind: [param.grace before]
""")
"""A deadline for each kind of thing that a date may hang on."""

FOLLOWED = {"by_field", "by_two", "by_plan", "by_size", "by_reckoning"}
"""Those of which the edition can tell all that they hang on."""


def test_it_is_told_apart_what_a_date_hangs_on() -> None:
    sheet = HANGING.sheets[""]
    assert set(sheet.hangs) == FOLLOWED
    assert sheet.hangs["by_two"] == ["base", "other"]
    assert sheet.hangs["by_plan"] == []
    assert sheet.moving > FOLLOWED, "the others are worked out at each act"


def _other_days(calendar: Calendar, rng: random.Random) -> Calendar:
    """The calendar with another day or two worked or not, as an administrator's notice changes it."""
    days = [day("2022-08-01").date() + timedelta(days=rng.randrange(60)) for _ in range(2)]
    return calendar.with_overrides({each: not calendar.is_working(each) for each in days})


def _act(life: Life, hour: int, trigger: str, form: dict[str, Any]) -> Decision | Refusal:
    """What comes of an act; it is kept where it is possible."""
    outcome = life.tried(trigger, day("2022-06-13") + timedelta(hours=hour), **form)
    if isinstance(outcome, Decision):
        life.events += outcome.events
        life.family = outcome.family
    return outcome


def _form(rng: random.Random, trigger: str) -> dict[str, Any]:
    a_day = (day("2022-07-01") + timedelta(days=rng.randrange(120))).date().isoformat()
    forms: dict[str, dict[str, Any]] = {
        "shift": {"base": a_day},
        "promise": {"other": rng.choice([a_day, ""])},
        "measure": {"length": rng.randrange(1, 90)},
        "note": {"note": str(rng.random())},
        "plan": {"month": rng.choice(["2022-07", "2022-08", "2022-09"]), "by": a_day},
    }
    return forms.get(trigger, {})


TRIGGERS = (
    "shift",
    "promise",
    "measure",
    "note",
    "plan",
    "halt",
    "go_on",
    "go_on",
    "grant",
    "meet",
    "take_back",
    "take_back",
)


@pytest.mark.parametrize("seed", range(12))
def test_with_ledgers_and_without_all_comes_out_alike(seed: int) -> None:
    rng = random.Random(seed)
    fresh, handed = Life(HANGING), Life(HANGING, ledgers=Ledgers())
    for life in (fresh, handed):
        life.register(day("2022-06-13"), base="2022-08-01", length=40)
    moved = set[str]()
    for step in range(40):
        trigger = rng.choice(TRIGGERS)
        form, hour = _form(rng, trigger), 1 + step * 30
        if step % 9 == 8:
            fresh.cn = handed.cn = _other_days(fresh.cn, rng)
        assert _act(handed, hour, trigger, form) == _act(fresh, hour, trigger, form), f"{step}: {trigger}"
        assert handed.events == fresh.events, f"{step}: time before {trigger}"
        moved |= {one.payload["occurrence"]["name"] for one in fresh.events if one.type == "DeadlineMoved"}
    assert len(moved) >= 3


def test_of_each_kind_some_date_moves() -> None:
    """Else the comparison above is one of dates that stand still."""
    life = Life(HANGING, ledgers=Ledgers())
    life.register(day("2022-06-13"), base="2022-08-01", other="2022-08-10", length=40)
    life.fire("plan", day("2022-06-14"), month="2022-08", by="2022-08-20")
    acts: list[tuple[str, dict[str, Any]]] = [
        ("note", {"note": "x"}),
        ("shift", {"base": "2022-08-05"}),
        ("promise", {"other": "2022-09-15"}),
        ("measure", {"length": 50}),
        ("plan", {"month": "2022-08", "by": "2022-08-25"}),
        ("halt", {}),
    ]
    for hour, (trigger, form) in enumerate(acts):
        life.fire(trigger, day("2022-06-15", hour + 1), **form)
    moved = [one.payload["occurrence"]["name"] for one in life.events if one.type == "DeadlineMoved"]
    assert {*FOLLOWED, "by_state", "by_deadline"} <= set(moved)
