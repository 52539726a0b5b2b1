"""What an act sets off, told whole: notices, publications, children and their ends, where a fault would go unseen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.commands import Actor, Decision, Opening, Refusal, Register
from engine.decide import decide, present
from engine.events import EventType
from tests.engine import stage
from tests.engine.life import CN, EVERYBODY, Life
from tests.engine.walks import ZONE

NOON = datetime(2022, 6, 13, 12, tzinfo=ZONE)

EDITION = stage.edition(
    stage.yaml("""
    roles: {lead: {unit: task.unit}}
    fields: {unit: {type: unit, default: water}, title: {type: text, default: Pipes}}
    milestones: {fields: {planned: {type: percent}, target: {type: text}}}
    registration: {by: office, then: [{notice: welcome, to: [lead, office]}]}
    states: {open: {initial: true}, done: {final: true}}
    transitions:
      - trigger: issue
        from: open
        by: office
        to: stay
        form: {month: {type: month}}
        then:
          - {publish: monthly, for: form.month, when: has(form.month)}
          - {publish: monthly, when: "!has(form.month)"}
      - {trigger: ask, from: open, by: office, to: stay, then: [{open: question, with: {about: task.title}}]}
      - trigger: ask_all
        from: open
        by: office
        to: stay
        form: {units: {type: units}}
        then: [{open: question, for_each: form.units, as: unit, with: {about: task.title}}]
      - {trigger: keep, from: open, by: office, to: stay, then: [{open: file}]}
      - {trigger: on_plan, from: open, by: office, to: stay, when: planned('2022-07') == 40.5}
      - {trigger: shut, from: open, by: system, to: done}
      - {trigger: wrap_up, from: open, by: office, to: stay, then: [{fire: shut, on: task}]}
      - {trigger: inspect, from: open, by: office, to: stay, then: [{open: check}]}
      - trigger: amend
        from: open
        by: office
        to: stay
        form: {month: {type: month}, planned: {type: percent}}
        milestone: {key: form.month, set: {planned: form.planned}}
      - {trigger: retitle, from: open, by: office, to: stay, then: [{fire: note, on: task, with: {words: "'Drains'"}}]}
      - {trigger: tidy, from: open, by: anyone, to: stay, when: "'office' in actor.roles"}
      - {trigger: note, from: any, by: system, to: stay, form: {words: {type: text}}, set: {title: form.words}}
      - {trigger: close, from: open, by: office, to: done}
      - {trigger: undo, from: any, by: {role: office, not: last.actor}, to: previous}
    notices: {welcome: {}}
    publications: {monthly: {audience: public}}
    deadlines: {works: {owed_by: lead, starts: registered, due: 20 days after start}}
    children:
      question:
        cancelled: dropped
        fields: {about: {type: text}, unit: {type: unit}}
        states: {asked: {initial: true}, answered: {final: true}, dropped: {final: true}}
        transitions:
          - {trigger: hear, from: asked, by: office, to: stay, then: [{open: hearing}]}
          - {trigger: write, from: asked, by: office, to: stay, then: [{open: memo}]}
          - {trigger: remark, from: any, by: system, to: stay}
          - {trigger: call_all_off, from: asked, by: office, to: stay, then: [{fire: call_off, on: hearing}]}
          - trigger: answer
            from: asked
            by: office
            to: answered
            form: {words: {type: text}}
            then: [{fire: note, on: parent, with: {words: form.words}}]
        children:
          memo:
            on_parent_end: keep
            states: {kept: {initial: true}, filed: {final: true}}
            transitions: [{trigger: file, from: kept, by: office, to: filed, then: [{fire: remark, on: parent}]}]
          hearing:
            cancelled: off
            states: {called: {initial: true}, off: {final: true}}
            transitions: [{trigger: call_off, from: called, by: [office, system], to: off}]
      check:
        on_parent_end: block
        states: {asked: {initial: true}, done: {final: true}}
        transitions: [{trigger: finish, from: asked, by: office, to: done}]
      file:
        on_parent_end: keep
        states: {kept: {initial: true}, gone: {final: true}}
        transitions: [{trigger: throw_away, from: kept, by: office, to: gone}]
    """)
)


def at(hour: int) -> datetime:
    """An hour of the day."""
    return NOON.replace(hour=hour)


def begun() -> Life:
    """A task that was registered at eight."""
    life = Life(EDITION)
    life.register(at(8))
    return life


def test_a_registration_tells_what_the_task_is_and_whom_it_was_told_to() -> None:
    registered, started, notice = begun().events
    told = {name: value for name, value in registered.payload.items() if name != "command"}
    assert told == {
        "kind": "", "root": "t", "parent": None, "part_of": None, "state": "open", "milestones": {}, "opening": None,
        "fields": {"unit": "water", "title": "Pipes"},
    }  # fmt: skip
    assert started.payload["occurrence"]["n"] == 1
    assert started.cause == notice.cause == registered.ref
    to = [{"role": "lead", "units": ["water"]}, {"role": "office", "units": None}]
    assert notice.payload == {"notice": "welcome", "to": to, "about": {}}


@pytest.mark.parametrize(("form", "key"), [({"month": "2022-05"}, "2022-05"), ({}, "2022-06-13")])
def test_a_publication_is_ordered_for_the_period_that_the_act_names_else_for_its_day(
    form: dict[str, Any], key: str
) -> None:
    life = begun()
    life.fire("issue", at(9), **form)
    (ordered,) = life.told(EventType.PUBLICATION_ORDERED)
    assert ordered.payload == {"publication": "monthly", "key": key, "form": form}
    assert ordered.cause == life.told(EventType.TRIGGER_FIRED)[-1].ref


def test_a_child_enters_as_a_task_does_and_knows_its_parent_and_root() -> None:
    life = begun()
    life.fire("ask", at(9))
    opened, entered = life.events[-2:]
    assert opened.payload == {"child": "t.question.1", "kind": "question", "state": "asked", "round": 1}
    assert (entered.type, entered.task, entered.cause) == (EventType.TASK_REGISTERED, "t.question.1", opened.ref)
    assert entered.payload == {
        "kind": "question", "root": "t", "parent": "t", "part_of": None, "state": "asked", "milestones": {},
        "opening": None, "fields": {"about": "Pipes"},
    }  # fmt: skip


def test_one_child_for_each_unit_is_given_the_unit_and_what_all_are_given() -> None:
    life = begun()
    life.fire("ask_all", at(9), units=["water", "roads"])
    assert [life.family[f"t.question.{number}"].fields for number in (1, 2)] == [
        {"about": "Pipes", "unit": unit} for unit in ("water", "roads")
    ]


def test_the_present_of_a_family_is_that_of_whoever_acted_last() -> None:
    life = begun()
    life.fire("ask", at(9))
    life.fire("hear", at(10), task="t.question.1")
    assert present(life.family, at(8)) == at(10) + timedelta(microseconds=1)


def test_children_are_numbered_by_their_kind() -> None:
    life = begun()
    for hour, trigger in enumerate(("ask", "keep", "ask", "keep"), 9):
        life.fire(trigger, at(hour))
    assert [one.payload["child"] for one in life.told(EventType.CHILD_OPENED)] == [
        "t.question.1", "t.file.1", "t.question.2", "t.file.2"
    ]  # fmt: skip


def test_a_child_fires_on_its_parent_as_the_system_with_what_it_hands_on() -> None:
    life = begun()
    life.fire("ask", at(9))
    life.fire("answer", at(10), task="t.question.1", words="Valves")
    answer, note = life.told(EventType.TRIGGER_FIRED)[-2:]
    assert (note.task, note.actor, note.cause, note.payload["form"]) == ("t", "system", answer.ref, {"words": "Valves"})
    assert note.payload["undo"] == "none", "the way back of the parent is closed"
    assert life.family["t"].fields["title"] == "Valves"
    (ended,) = life.told(EventType.CHILD_ENDED)
    assert ended.payload == {"child": "t.question.1", "kind": "question", "state": "answered", "round": 1}


def test_the_end_of_a_task_ends_its_open_children_but_those_that_are_kept_and_those_that_ended() -> None:
    life = begun()
    for hour, trigger in enumerate(("ask", "ask", "keep"), 9):
        life.fire(trigger, at(hour))
    life.fire("answer", at(12), task="t.question.1", words="Valves")
    life.fire("close", at(13))
    close, dropped = life.told(EventType.TRIGGER_FIRED)[-2:]
    assert (dropped.task, dropped.actor, dropped.cause) == ("t.question.2", "system", close.ref)
    assert dropped.payload == {
        "trigger": "parent_ended", "form": {}, "from": "asked", "to": "dropped", "branch": 0, "ended": True, "set": {},
        "milestones": {}, "guards": [], "undo": "none",
    }  # fmt: skip
    assert [task.state for task in life.family.values()] == ["done", "answered", "dropped", "kept"]
    assert [(one.payload["child"], one.cause) for one in life.told(EventType.CHILD_ENDED)][1:] == [
        ("t.question.2", dropped.ref)
    ]


def test_children_end_in_the_order_of_their_names_however_the_family_was_loaded() -> None:
    life = begun()
    for hour in (9, 10, 11):
        life.fire("ask", at(hour))
    life.family = dict(reversed(list(life.family.items())))
    life.fire("close", at(12))
    ended = [one.payload["child"] for one in life.told(EventType.CHILD_ENDED)]
    assert ended == ["t.question.1", "t.question.2", "t.question.3"]


def test_a_child_that_holds_its_parent_s_end_up_holds_nothing_else_up() -> None:
    life = begun()
    life.fire("inspect", at(9))
    life.fire("issue", at(10))
    refusal = life.tried("close", at(11))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == ("children_open", {"children": ["t.check.1"]})
    assert life.tried("wrap_up", at(11)) == refusal, "nor is it done where something else sets it off"
    life.fire("finish", at(12), task="t.check.1")
    life.fire("close", at(13))
    assert life.family["t"].ended


def test_what_an_act_sets_off_on_its_own_task_is_taken_back_with_it() -> None:
    life = begun()
    life.fire("retitle", at(9))
    assert [one.payload["undo"] for one in life.told(EventType.TRIGGER_FIRED)] == ["new", "keep"]
    assert life.family["t"].fields["title"] == "Drains"
    life.fire("undo", at(10), actor=Actor("li", ("office",)))
    assert life.family["t"].fields["title"] == "Pipes"


@pytest.mark.parametrize(("task", "trigger"), [("t", "close"), ("t.question.1", "answer")])
def test_what_is_below_a_child_ends_with_it(task: str, trigger: str) -> None:
    life = begun()
    life.fire("ask", at(9))
    life.fire("ask", at(9))
    for number in (1, 2):
        life.fire("hear", at(10), task=f"t.question.{number}")
    hearing = life.family["t.question.1.hearing.1"]
    assert (hearing.kind, hearing.root, hearing.parent) == ("question/hearing", "t", "t.question.1")
    life.fire(trigger, at(11), task=task)
    assert life.family["t.question.1.hearing.1"].state == "off"
    assert life.family["t.question.1"].children["t.question.1.hearing.1"]["ended"] is True
    assert life.family["t.question.2.hearing.1"].ended is (task == "t"), "what is below another child goes on"


def test_a_parent_that_is_long_over_hears_nothing_of_what_was_kept() -> None:
    """A descendant that has ended is not loaded with its family any more."""
    life = begun()
    life.fire("ask", at(9))
    life.fire("write", at(10), task="t.question.1")
    life.fire("answer", at(11), task="t.question.1", words="Valves")
    life.family = {name: task for name, task in life.family.items() if not task.ended}
    life.fire("file", at(12), task="t.question.1.memo.1")
    assert {event.task for event in life.events[-1:]} == {"t.question.1.memo.1"}
    assert life.family["t.question.1.memo.1"].ended


def test_what_was_opened_by_mistake_goes_to_its_cancelled_state_else_to_its_final_one() -> None:
    for trigger, child, state in (("ask", "t.question.1", "dropped"), ("keep", "t.file.1", "gone")):
        life = begun()
        life.fire(trigger, at(9))
        life.fire("undo", at(10), actor=Actor("li", ("office",)))
        assert life.family[child].state == state


def test_what_is_fired_on_children_reaches_ones_own() -> None:
    life = begun()
    for hour, number in ((9, 1), (11, 2)):
        life.fire("ask", at(hour))
        life.fire("hear", at(hour + 1), task=f"t.question.{number}")
    life.fire("call_all_off", at(13), task="t.question.2")
    assert [life.family[f"t.question.{number}.hearing.1"].state for number in (1, 2)] == ["called", "off"]


def test_what_a_guard_saw_is_told_lists_included() -> None:
    life = begun()
    life.fire("tidy", at(9))
    (guard,) = life.events[-1].payload["guards"]
    assert (guard["held"], guard["saw"]) == (True, {"actor.roles": ["office", "lead"]})


# -- who may register, and what a task under way states


def _entered(
    actor: Actor = EVERYBODY, opening: Opening | None = None, plan: dict[str, dict[str, str]] | None = None
) -> object:
    return decide(EDITION, CN, {}, Register("t", "", {}, plan or {}, actor, NOON, opening=opening))


def test_who_may_not_register_is_told_which_role_may() -> None:
    refusal = _entered(Actor("wang", ("lead",)))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == ("wrong_role", {"role": "office", "roles": ["lead"]})


@pytest.mark.parametrize("kind", ["question", "strange"])
def test_a_child_is_not_registered_by_itself(kind: str) -> None:
    refusal = decide(EDITION, CN, {}, Register("t", kind, {}, {}, EVERYBODY, NOON))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == ("unknown_kind", {"kind": kind})


@pytest.mark.parametrize(
    ("opening", "code", "facts"),
    [
        (Opening("asked"), "unknown_state", {"state": "asked", "known": ["open", "done"]}),
        (Opening("open", {"woks": "2022-07-01"}), "unknown_deadline", {"deadline": "woks", "known": ["works"]}),
    ],
)
def test_an_opening_entry_that_names_what_is_not_there_is_told_what_there_is(
    opening: Opening, code: str, facts: dict[str, object]
) -> None:
    refusal = _entered(opening=opening)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == (code, facts)


@pytest.mark.parametrize(("day", "said"), [("soon", "2022"), ("", "Due is required")])
def test_an_opening_entry_with_a_day_that_is_none_names_the_deadline_in_both_languages(day: str, said: str) -> None:
    refusal = _entered(opening=Opening("open", {"works": day}))
    assert isinstance(refusal, Refusal)
    (problem,) = refusal.facts["problems"]
    assert (refusal.code, problem["field"], problem["near"]) == ("fields", "works", None)
    assert problem["zh"]
    assert said in problem["en"]


def test_an_opening_entry_keeps_the_days_that_it_states_and_where_they_come_from() -> None:
    made = _entered(opening=Opening("open", {"works": "2022-07-20"}, source="list of 2021"))
    assert isinstance(made, Decision)
    assert made.events[0].payload["opening"] == {"due": {"works": "2022-07-20"}, "source": "list of 2021"}
    assert made.family["t"].deadlines["works/1"]["last_day"] == "2022-07-20"
    assert made.family["t"].began_at is None


@pytest.mark.parametrize("name", ["soon", ""])
def test_a_row_of_a_plan_that_is_for_no_month_is_refused(name: str) -> None:
    refusal = _entered(plan={name: {"planned": "40.5"}})
    assert isinstance(refusal, Refusal)
    assert (refusal.code, [one["field"] for one in refusal.facts["problems"]]) == ("milestones", [name])


def test_a_plan_is_kept_by_its_months() -> None:
    made = _entered(plan={"2022-07": {"planned": "40.5"}})
    assert isinstance(made, Decision)
    assert made.events[0].payload["milestones"] == {"2022-07": {"planned": "40.5"}}


def test_what_is_planned_for_a_month_is_what_was_planned_last() -> None:
    life = Life(EDITION)
    plan = {"2022-06": {"planned": "40.5"}, "2022-07": {"target": "a road"}, "2022-08": {"planned": "60"}}
    made = _entered(plan=plan)
    assert isinstance(made, Decision)
    life.family = made.family
    life.fire("on_plan", at(13))
    (guard,) = life.events[-1].payload["guards"]
    assert guard["saw"] == {"planned('2022-07')": "40.5"}
    life.fire("amend", at(14), month="2022-07", planned="50")
    assert life.events[-1].payload["milestones"] == {"2022-07": {"target": "a road", "planned": "50"}}
    assert life.family["t"].milestones["2022-06"] == {"planned": "40.5"}
