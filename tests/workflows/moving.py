"""An office with tasks under way, and a second edition to move them to: what the tests of migrations share."""

from __future__ import annotations

import json
from typing import Any

from engine.commands import Actor, Refusal
from engine.events import EventType
from engine.task import replay
from engine.wakes import wakes
from tests.engine import stage
from tests.workflows.conftest import at
from workflows.authoring.backtest import backtest
from workflows.authoring.fates import Verdicts
from workflows.authoring.migrating import apply
from workflows.authoring.migration_plans import Plan, read_plan
from workflows.authoring.plan_approval import approve, submit
from workflows.authoring.plan_writing import write_plan
from workflows.authoring.proposals import Proposal
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import SLACK, Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import Swept, sweep
from workflows.rows import Row
from workflows.sources import calendar_named

WANG, LI, OFFICE = Actor("wang", ("admin",)), Actor("li", ("admin",)), Actor("zhang", ("office",))

WHOLE = """
registration: {by: office, unique: []}
states: {open: {initial: true}, lagging: {}, rectifying: {}, escalated: {}, closed: {final: true}}
fields: {title: {type: text, required: true}, lead_unit: {type: unit, required: true},
  grade: {type: choice, choices: {a: {}, b: {}}, default: a}}
transitions:
  - {trigger: warn, from: open, by: office, to: lagging}
  - {trigger: order, from: [open, lagging], by: office, to: rectifying, then: [{open: interview}]}
  - {trigger: accept, from: rectifying, by: office, to: open}
  - {trigger: fail, from: any, by: [office, system], to: escalated, then: [{notice: failed, to: [office]}]}
  - {trigger: close, from: any, by: office, to: closed}
deadlines:
  rectification: {owed_by: lead, starts: order, due: 20 working days after start, met_by: accept,
    missed: {fire: fail}, remind: [5 working days before]}
notices: {failed: {}}
children:
  interview:
    cancelled: done
    states: {held: {initial: true}, done: {final: true}}
    transitions: [{trigger: finish, from: held, by: office, to: done}]
signals: [{red: "state == 'escalated'"}, {yellow: "this_month > '2023-04'"}, {green: true}]
"""


def text_of(edition: str, *pairs: tuple[str, str]) -> str:
    """The process under an edition, with texts exchanged."""
    text = WHOLE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    roles = {"office": {"backdate": True}, "lead": {"unit": "task.lead_unit"}}
    whole = {**stage.HEAD, **stage.yaml(text), "process": "leak", "edition": edition, "roles": roles}
    return json.dumps(stage.titled(whole), ensure_ascii=False, default=float)


SHORTER = text_of(
    "2",
    ("due: 20 working days", "due: 10 working days"),
    ("lagging: {}, ", ""),
    ("from: [open, lagging]", "from: open"),
    ("to: lagging", "to: stay"),
    ("signals: [", "signals: [{blue: \"state == 'rectifying'\"}, "),
)


def office(desk: Desk, tasks: int = 3) -> list[str]:
    """Tasks of the first edition on 3 April 2023: the first is ordered to be put right, the second lags."""
    assert isinstance(publish(desk, text_of("1"), calendar_named), Published)
    rows = [Row(n, {"title": f"第{n}项", "lead_unit": f"单位{n % 2}"}) for n in range(1, tasks + 1)]
    found = register(desk, "leak", rows, OFFICE)
    assert isinstance(found, list), found
    done(desk, found[0].id, "order")
    done(desk, found[1].id, "warn")
    assert isinstance(publish(desk, SHORTER, calendar_named), Published)
    return [task.id for task in found]


def done(desk: Desk, task: str, trigger: str) -> None:
    outcome = fire(desk, Act(task, trigger, {}, OFFICE))
    assert isinstance(outcome, Outcome), outcome


def until(desk: Desk, to: str) -> None:
    """Let time run."""
    assert isinstance(desk.clock, VirtualClock)
    assert isinstance(sweep(desk, at(to)), Swept)


def plan_text(desk: Desk, *pairs: tuple[str, str]) -> bytes:
    """The plan that is written, with its questions answered and texts exchanged."""
    text = write_plan(desk, "leak", "2")
    assert isinstance(text, str), text
    for old, new in (('reason: "?"', "reason: 新办法"), ('lagging: "?"', "lagging: open"), *pairs):
        assert old in text, (old, text)
        text = text.replace(old, new, 1)
    return text.encode()


def plan_of(desk: Desk, text: bytes) -> Plan:
    plan = read_plan(desk, text)
    assert isinstance(plan, Plan), plan
    return plan


def approved(desk: Desk, text: bytes) -> str:
    """The plan as two people answer for it."""
    made = submit(desk, text, WANG)
    assert isinstance(made, Proposal), made
    assert isinstance(approve(desk, made.subject, LI), Proposal)
    return made.subject


def applied(desk: Desk, migration: str) -> Verdicts:
    found = apply(desk, migration, WANG)
    assert not isinstance(found, Refusal), found
    return found


def whole(desk: Desk) -> None:
    """Everything that is kept beside the events is what they say, and the history proves itself."""
    editions = {each.digest: desk.book(each.name)[0] for each in desk.store.editions()}
    edition, calendar = desk.book("leak@1")
    for root in (task.id for task in desk.store.tasks() if task.id == task.root):
        family = [task for task in desk.store.tasks() if task.root == root]
        events = [each.event for task in family for each in desk.store.events(task.id)]
        for task in family:
            assert replay([event for event in events if event.task == task.id]) == task
        found = backtest(edition, calendar, events, desk.units, desk.version_of, editions.get)
        assert found is None, found
    _projected(desk)


def _projected(desk: Desk) -> None:
    now, far = desk.clock(), at("2099-01-01 00:00")
    shown = {row.task: row for row in desk.store.board(now + SLACK)}
    waking: set[str] = set()
    owed: set[tuple[Any, ...]] = set()
    for task in desk.store.tasks():
        row = shown[task.id]
        assert (row.state, row.signal, row.ended) == (task.state, task.signal, task.ended)
        if wakes(desk.book(task.edition)[0], task, now):
            waking.add(task.root)
        owed |= {
            (task.id, one["name"], one["key"], one["status"], one.get("last_day"))
            for one in task.deadlines.values()
            if one["status"] in ("running", "paused", "missed") and not task.ended
        }
    assert set(desk.store.due(far, 1000)) == waking
    assert {(o.task, o.name, o.key, o.status, o.last_day) for o in desk.store.worklist()} == owed


MOVED = EventType.TASK_MIGRATED
