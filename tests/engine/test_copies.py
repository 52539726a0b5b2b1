"""What a transition hands on: a copy keeps every digit wherever it goes, and what only looks like one is computed."""

from __future__ import annotations

from datetime import datetime

from engine.commands import Actor, Decision, Fire, Register
from engine.decide import decide
from engine.task import Family
from tests.engine import stage
from tests.engine.walks import ZONE, calendar

CN = calendar()
NOON = datetime(2022, 6, 13, 12, tzinfo=ZONE)
OFFICE = Actor("zhang", ("office",))
DIGITS = "0.12345678901234567891"
EDITION = stage.edition(
    stage.yaml("""
    fields: {amount: {type: decimal}, kept: {type: decimal}, name: {type: text}, people: {type: units}}
    states: {open: {initial: true}, done: {final: true}}
    transitions:
      - trigger: call
        from: open
        by: office
        to: stay
        set: {name: task.id}
        then: [{open: talk, for_each: task.people, as: unit, with: {amount: task.amount}}]
      - {trigger: call_mine, from: open, by: office, to: stay, then: [{open: talk, for_each: actor.units, as: unit}]}
      - {trigger: keep, from: open, by: system, form: {amount: {type: decimal}}, set: {kept: form.amount}, to: stay}
    children:
      talk:
        on_parent_end: keep
        fields: {unit: {type: unit}, amount: {type: decimal}, word: {type: text}}
        states: {open: {initial: true}, held: {final: true}}
        transitions:
          - trigger: hold_talk
            from: open
            by: office
            set: {word: parent.state}
            to: held
            then: [{fire: keep, on: parent, with: {amount: parent.amount}}]
    """)
)


def _done(family: Family, command: Register | Fire) -> Family:
    outcome = decide(EDITION, CN, family, command)
    assert isinstance(outcome, Decision), outcome
    return outcome.family


def test_a_copy_keeps_every_digit_and_names_that_are_no_fields_are_computed() -> None:
    """To a child, and from a parent's field with a trigger; `task.id` and `parent.state` are words, not fields."""
    given = {"amount": DIGITS, "people": ["水务局", "交通局"]}
    family = _done({}, Register("t", "", given, {}, OFFICE, NOON))
    family = _done(family, Fire("t", "call", {}, OFFICE, NOON))
    assert family["t"].fields["name"] == "t"
    talks = {task.id: (task.fields["unit"], task.fields["amount"]) for task in family.values() if task.kind == "talk"}
    assert talks == {"t.talk.1": ("水务局", DIGITS), "t.talk.2": ("交通局", DIGITS)}
    family = _done(family, Fire("t.talk.1", "hold_talk", {}, OFFICE, NOON))
    assert family["t.talk.1"].fields["word"] == "open"
    assert family["t"].fields["kept"] == DIGITS


def test_what_opens_for_each_member_of_a_computed_list_opens_for_each() -> None:
    family = _done({}, Register("t", "", {}, {}, OFFICE, NOON))
    mine = Actor("li", ("office",), ("water", "roads"))
    family = _done(family, Fire("t", "call_mine", {}, mine, NOON.replace(hour=13)))
    assert [task.fields["unit"] for task in family.values() if task.parent] == ["water", "roads"]
    family = _done(family, Fire("t", "call", {}, mine, NOON.replace(hour=14)))
    assert len(family) == 3, "an empty list opens nothing"
