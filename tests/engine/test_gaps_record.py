"""The record at its edges: a stream and what it adds up to, the present it keeps, and when time speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from engine.commands import Actor, Decision, Fire, Register, TimePassed
from engine.decide import advance, decide, present
from engine.edition import ENGINE, Edition
from engine.events import Event, EventType, iso
from engine.recall import command_of, decided
from engine.task import BrokenStream, evolve, replay
from engine.wakes import SIGNAL, wakes
from tests.engine import stage
from tests.engine.walks import ZONE, calendar

CN = calendar()
OFFICE = Actor("zhang", ("office",))
NOON = datetime(2022, 6, 13, 12, tzinfo=ZONE)


def _edition(light: str) -> Edition:
    return stage.edition(
        {
            "states": {"open": {"initial": True}, "done": {"final": True}},
            "transitions": stage.yaml(
                "[{trigger: tell, from: open, by: office, to: stay}, {trigger: end, from: open, by: office, to: done}]"
            ),
            "signals": [{"red": light}, {"green": True}],
        }
    )


EDITION = _edition("today > '2022-06-20'")


def _registered(edition: Edition = EDITION) -> Decision:
    made = decide(edition, CN, {}, Register("t", "", {}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    return made


def _told(made: Decision, trigger: str = "tell", **more: Any) -> Decision:
    fire = replace(Fire("t", trigger, {}, OFFICE, NOON + timedelta(hours=1)), **more)
    done = decide(EDITION, CN, made.family, fire)
    assert isinstance(done, Decision), done
    return done


def test_a_whole_stream_adds_up_to_the_task_and_an_empty_one_to_nothing() -> None:
    made = _registered()
    done = _told(made)
    assert replay([*made.events, *done.events]) == done.family["t"]
    with pytest.raises(BrokenStream, match="at least one"):
        replay([])


def test_a_stream_with_a_gap_a_stranger_or_no_beginning_is_broken() -> None:
    made = _registered()
    task, event = made.family["t"], _told(made).events[0]
    wrongs = ({"seq": event.seq + 1}, {"seq": event.seq - 1}, {"task": "u"})
    for wrong in (structs.replace(event, **change) for change in wrongs):
        with pytest.raises(BrokenStream, match="does not follow"):
            evolve(task, wrong)
    for first in (event, structs.replace(made.events[0], seq=2), structs.replace(event, seq=1)):
        with pytest.raises(BrokenStream, match="cannot open"):
            evolve(None, first)
    with pytest.raises(BrokenStream, match="registers a task that exists"):
        evolve(task, structs.replace(made.events[0], seq=task.seq + 1))


def test_a_task_was_touched_when_it_was_decided_not_when_the_act_is_said_to_have_happened() -> None:
    """And the present never goes back: what is decided in the same instant is decided a tick later."""
    at = NOON + timedelta(days=2)
    done = _told(_registered(), at=at, occurred_at=NOON + timedelta(days=1), reason="on paper")
    assert done.family["t"].touched_at == iso(at)
    assert done.events[0].occurred_at == NOON + timedelta(days=1)
    assert present(done.family, at) == at + timedelta(microseconds=1)
    assert present(done.family, at - timedelta(days=1)) == at + timedelta(microseconds=1)
    assert present(done.family, at + timedelta(days=1)) == at + timedelta(days=1)
    assert present({}, at) == at


@pytest.mark.parametrize(
    ("light", "woken"),
    [
        ("today > '2022-06-20'", datetime(2022, 6, 13, 16, tzinfo=UTC)),
        ("this_month > '2022-06'", datetime(2022, 6, 30, 16, tzinfo=UTC)),
        ("state == 'done'", None),
    ],
)
def test_a_light_wakes_its_task_when_time_may_change_it(light: str, woken: datetime | None) -> None:
    """The next midnight, the next first of a month, or never."""
    edition = _edition(light)
    task = _registered(edition).family["t"]
    found = {wake.at for wake in wakes(edition, task, NOON) if wake.name == SIGNAL}
    assert found == ({woken} if woken else set())


@pytest.mark.parametrize(
    ("after", "first"), [("2022-01-31", "2022-02-28"), ("2022-06-30", "2022-07-31"), ("2022-07-31", "2022-08-31")]
)
def test_a_light_of_the_month_wakes_on_its_first_day(after: str, first: str) -> None:
    """In local time: the first of a month begins at 16:00 in UTC of the last of the month before."""
    edition = _edition("this_month > '2022-06'")
    task = _registered(edition).family["t"]
    (wake,) = wakes(edition, task, datetime.fromisoformat(f"{after}T20:00:00+00:00"))
    assert wake.at == datetime.fromisoformat(f"{first}T16:00:00+00:00")


def test_an_ended_task_has_no_light_to_look_at() -> None:
    ended = _told(_registered(), "end").family["t"]
    assert wakes(EDITION, ended, NOON) == []


def test_a_light_changes_at_its_midnight_once() -> None:
    made = _registered()
    passed = advance(EDITION, CN, made.family, NOON + timedelta(days=30))
    changed = [event for event in passed.events if event.type is EventType.SIGNAL_CHANGED]
    assert [event.occurred_at for event in changed] == [datetime(2022, 6, 20, 16, tzinfo=UTC)]


# -- lights

SHAKY = stage.edition(
    {
        "fields": {"on": {"type": "date"}},
        "states": {"open": {"initial": True}, "done": {"final": True}},
        "transitions": stage.yaml(
            """
            - trigger: tell
              from: open
              by: office
              form: {on: {type: date}}
              set: {on: form.on}
              to: stay
              then: [{open: question}]
            """
        ),
        "children": {"question": {"on_parent_end": "keep", "states": {"open": {"initial": True}, "in": {"final": True}},
                                  "transitions": stage.yaml("[{trigger: reply, from: open, by: office, to: in}]")}},
        "signals": [{"red": "task.on > '2022-06-20'"}, {"green": True}],
    }
)  # fmt: skip


def test_a_light_says_from_what_to_what_for_which_reason_and_what_each_rule_saw() -> None:
    made = decide(SHAKY, CN, {}, Register("t", "", {"on": "2022-06-01"}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    fire = Fire("t", "tell", {"on": "2022-07-01"}, OFFICE, NOON + timedelta(hours=1))
    done = decide(SHAKY, CN, made.family, fire)
    assert isinstance(done, Decision)
    light = done.events[-1]
    assert (light.type, light.task) == (EventType.SIGNAL_CHANGED, "t")
    assert (light.payload["from"], light.payload["to"]) == ("green", "red")
    assert [(one["at"], one["held"]) for one in light.payload["guards"]] == [("signals[0]", True)]
    caused = [event.ref for event in done.events if event.task == "t" and event.type is EventType.CHILD_OPENED]
    assert light.cause == caused[0], "the last event of the task itself, not of its child"


def test_a_light_whose_rule_cannot_be_decided_is_unknown_and_no_later_rule_is_asked() -> None:
    made = decide(SHAKY, CN, {}, Register("t", "", {}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    assert made.family["t"].signal == "unknown"
    (guard,) = made.events[-1].payload["guards"]
    assert guard["error"]
    assert guard["held"] is None


KIN = stage.edition(
    stage.yaml("""
    fields: {on: {type: date}}
    states: {open: {initial: true}, done: {final: true}}
    transitions:
      - {trigger: put, from: open, by: office, to: stay, then: [{open: question}, {open: note}]}
      - trigger: tell
        from: open
        by: office
        form: {on: {type: date}}
        set: {on: form.on}
        to: stay
        then: [{fire: hear, on: note}]
    children:
      note:
        on_parent_end: keep
        states: {open: {initial: true}, done: {final: true}}
        transitions: [{trigger: hear, from: open, by: [office, system], to: done}]
      question:
        on_parent_end: keep
        states: {open: {initial: true}, done: {final: true}}
        transitions: [{trigger: reply, from: open, by: office, to: done}]
        signals: [{red: has(parent.on)}, {green: true}]
    """)
)


def test_a_light_that_only_kin_changed_is_caused_by_the_last_thing_that_happened_to_them() -> None:
    made = decide(KIN, CN, {}, Register("t", "", {}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    put = decide(KIN, CN, made.family, Fire("t", "put", {}, OFFICE, NOON + timedelta(hours=1)))
    assert isinstance(put, Decision)
    done = decide(KIN, CN, put.family, Fire("t", "tell", {"on": "2022-07-01"}, OFFICE, NOON + timedelta(hours=2)))
    assert isinstance(done, Decision)
    *told, light = done.events
    assert (light.type, light.task, light.payload["to"]) == (EventType.SIGNAL_CHANGED, "t.question.1", "red")
    assert len(told) > 1
    assert light.cause == told[-1].ref


# -- from events back to commands


def test_the_commands_of_a_history_come_back_from_its_events_in_their_order() -> None:
    """A registration, an act and a light that time changed; whatever order the events are handed over in."""
    register = Register("t", "", {}, {}, OFFICE, NOON)
    fire = Fire("t", "tell", {}, OFFICE, NOON + timedelta(hours=1), reason="because", version=2)
    made = decide(EDITION, CN, {}, register)
    assert isinstance(made, Decision)
    done = decide(EDITION, CN, made.family, fire)
    assert isinstance(done, Decision)
    passed = advance(EDITION, CN, done.family, NOON + timedelta(days=30))
    history = [*made.events, *done.events, *passed.events]
    command = made.events[0].payload["command"]
    assert (command["edition"], command["calendar"], command["engine"]) == (EDITION.digest, CN.digest, ENGINE)
    found = [command_of(event) for event in decided(reversed(history))]
    assert found[:2] == [register, fire]
    midnight = datetime(2022, 6, 20, 16, tzinfo=UTC)
    assert found[2:] == [TimePassed("t", SIGNAL, "", midnight, midnight, midnight)]


EVERYTHING: dict[str, Any] = {
    "occurrence": {"name": "d", "key": "1"},
    "child": "t.1",
    "kind": "k",
    "state": "open",
    "round": 1,
    "trigger": "tell",
    "ended": False,
    "to": "open",
    "set": {},
    "undo": "keep",
    "entered_at": iso(NOON),
    "fields": {},
    "milestones": {},
    "deadlines": {},
    "fired": {},
    "removed": [],
    "renamed": {},
    "migration": "m1",
}
"""What any event may tell, in one payload."""


@pytest.mark.parametrize("kind", [kind for kind in EventType if kind is not EventType.TASK_REGISTERED])
def test_every_type_of_event_is_obeyed(kind: EventType) -> None:
    task = _registered().family["t"]
    if kind is EventType.TASK_RESTORED:  # there has to be something to go back to
        task = evolve(task, Event(EventType.TASK_MIGRATED, "t", task.seq + 1, NOON, None, "li", "", "e@2", EVERYTHING))
    event = Event(kind, "t", task.seq + 1, NOON, None, "li", "", task.edition, EVERYTHING)
    after = evolve(task, event)
    assert (after.seq, after.touched_at, after.id) == (event.seq, iso(NOON), "t")
    assert ("d/1" in after.deadlines) == (kind.name.startswith("DEADLINE") or kind is EventType.MISS_EXCUSED)
    assert ("t.1" in after.children) == kind.name.startswith("CHILD")
