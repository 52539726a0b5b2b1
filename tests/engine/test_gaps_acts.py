"""Acts at their edges, where a small fault in the engine would go unseen: as scenarios, and as single decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import deadlines
from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import advance, decide, present
from engine.task import Family
from engine.turn import Over
from tests.engine import stage
from tests.engine.life import Life
from tests.engine.walks import ZONE, calendar
from workflows.authoring.scenarios import Run

GAPS = Path(__file__).parent / "data" / "gaps"
CN = calendar()
OFFICE = Actor("zhang", ("office",))
LEAD = Actor("wang", ("lead",), ("city",))


def _cases() -> list[Any]:
    found = []
    for file in sorted(GAPS.glob("*.yaml")):
        told = stage.yaml(file.read_text(encoding="utf-8"))
        for number, one in enumerate(told["scenarios"]):
            found.append(pytest.param(told, number, id=f"{file.stem}-{one['scenario']}"))
    return found


@pytest.mark.parametrize(("told", "number"), _cases())
def test_a_scenario_at_the_edge_holds(told: dict[str, Any], number: int) -> None:
    edition, script = stage.edition(told["definition"]), stage.script(told["scenarios"])
    assert script.document is not None
    failures = Run(edition, CN, script.scenarios[number], (number,), script.document).go()
    assert not failures, "\n".join(failure.text("en") for failure in failures)


# -- single decisions

NOON = datetime(2022, 6, 13, 12, tzinfo=ZONE)
_ABOVE: dict[str, Any] = {
    "fields": {"unit": {"type": "unit", "required": True}},
    "states": {"open": {"initial": True}, "done": {"final": True}},
    "transitions": stage.yaml("- {trigger: report, from: open, by: lead, to: stay}"),
}
EDITION = stage.edition({**_ABOVE, "roles": {"lead": {"unit": "above(task.unit, 'city')"}}})


def _registered() -> Family:
    made = decide(EDITION, CN, {}, Register("t", "", {"unit": "bureau"}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    return made.family


def _report(**changes: Any) -> Fire:
    return replace(Fire("t", "report", {}, LEAD, NOON.replace(hour=13)), **changes)


UNITS = {"bureau": Over("district", "water"), "water": Over("county", "city"), "city": Over("city", None)}


def test_a_role_above_a_unit_belongs_to_nobody_where_the_organisation_is_not_known() -> None:
    refusal = decide(EDITION, CN, _registered(), _report())
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts["units"]) == ("wrong_unit", [])


def test_a_role_above_a_unit_belongs_to_the_nearest_of_that_level() -> None:
    assert isinstance(decide(EDITION, CN, _registered(), _report(), UNITS), Decision)


@pytest.mark.parametrize(("bound", "unit"), [("above(task.unit)", "water"), ("above( above(task.unit) )", "city")])
def test_a_role_above_without_a_level_belongs_to_the_unit_directly_over(bound: str, unit: str) -> None:
    """And so on upwards; nobody is above the topmost."""
    made = stage.edition({**_ABOVE, "roles": {"lead": {"unit": bound}}})
    outcome = decide(made, CN, {}, Register("t", "", {"unit": "bureau"}, {}, OFFICE, NOON))
    assert isinstance(outcome, Decision)
    for held in ("bureau", "water", "city"):
        done = decide(made, CN, outcome.family, _report(actor=Actor("wang", ("lead",), (held,))), UNITS)
        assert isinstance(done, Decision) is (held == unit)
    top = decide(made, CN, {}, Register("t", "", {"unit": "city"}, {}, OFFICE, NOON))
    assert isinstance(top, Decision)
    refusal = decide(made, CN, top.family, _report(), UNITS)
    assert isinstance(refusal, Refusal)
    assert refusal.facts["units"] == []


def test_an_act_said_to_have_happened_just_now_is_no_late_entry() -> None:
    """It needs no reason and no role that may backdate."""
    at = NOON.replace(hour=13)
    assert isinstance(decide(EDITION, CN, _registered(), _report(at=at, occurred_at=at), UNITS), Decision)


# -- a task with a plan, a right, children and a way back

RICH = stage.edition(
    {
        "fields": {"n": {"type": "integer", "default": 0}},
        "milestones": {"fields": {"planned": {"type": "percent"}}},
        "states": {"open": {"initial": True}, "told": {}, "done": {"final": True}},
        "transitions": stage.yaml(
            """
            - {trigger: tell, from: open, by: office, to: told}
            - {trigger: ask, from: any, by: office, to: stay, then: [{open: question}]}
            - {trigger: press, from: any, by: office, to: stay, then: [{fire: hurry, on: question}]}
            - {trigger: lapse, from: any, by: system, to: stay}
            - {trigger: either, from: any, by: [office, system], to: stay}
            - {trigger: free, from: any, by: anyone, to: stay}
            - {trigger: unbound, from: any, by: [], to: stay}
            - {trigger: appeal, from: any, by: office, to: stay}
            - {trigger: close, from: told, by: office, to: done}
            - {trigger: undo, from: any, by: {role: office, not: last.actor}, to: previous}
            """
        ),
        "children": {
            "question": {
                "on_parent_end": "keep",
                "states": {"open": {"initial": True}, "answered": {"final": True}},
                "transitions": stage.yaml(
                    """
                    - {trigger: hurry, from: open, by: system, to: stay}
                    - {trigger: answer, from: open, by: office, to: answered}
                    """
                ),
            }
        },
        "deadlines": {"right": {"open_to": "office", "starts": "registered", "due": "2 days after start",
                                "met_by": "appeal", "lapsed": {"fire": "lapse"}}},
    }
)  # fmt: skip
LI = Actor("li", ("office",))


def _act(family: Family, trigger: str, actor: Actor = OFFICE, task: str = "t", **more: Any) -> Decision | Refusal:
    """One act in a rich task, after time has run."""
    at = more.pop("at", NOON)
    family = advance(RICH, CN, family, at).family
    return decide(RICH, CN, family, Fire(task, trigger, {}, actor, present(family, at), **more))


def _lived(*acts: tuple[str, str]) -> Family:
    """A rich task, and acts in it and its children, each of which is done."""
    made = decide(RICH, CN, {}, Register("t", "", {}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    family = made.family
    for task, trigger in acts:
        done = _act(family, trigger, task=task)
        assert isinstance(done, Decision), done
        family = done.family
    return family


def test_a_wrong_state_names_what_a_person_may_do_there() -> None:
    """What only time fires is not offered; what a person may fire as well as time, or anybody, is."""
    refusal = _act(_lived(), "close")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "wrong_state"
    assert refusal.facts["possible"] == ["tell", "ask", "press", "either", "free", "unbound", "appeal", "undo"]
    assert refusal.facts["titles"] == {name: {"zh": name, "en": name} for name in ("open", "told")}


def test_a_milestone_that_does_not_fit_is_told_with_its_name_in_both_languages() -> None:
    refusal = decide(RICH, CN, {}, Register("t", "", {}, {"soon": {}}, OFFICE, NOON))
    assert isinstance(refusal, Refusal)
    (problem,) = refusal.facts["problems"]
    assert (problem["field"], problem["near"]) == ("soon", None)
    assert problem["zh"]
    assert "2022-02" in problem["en"]


def test_a_correction_says_what_it_took_back() -> None:
    done = _act(_lived(("t", "tell")), "undo", LI)
    assert isinstance(done, Decision)
    told = done.events[0].payload
    assert (told["taken_back"], told["from"], told["to"]) == ("tell", "told", "open")


def test_a_child_that_has_ended_hears_nothing_any_more() -> None:
    """Of two children one has been answered: the act reaches the other, and nothing is tried in vain."""
    done = _act(_lived(("t", "ask"), ("t", "ask"), ("t.question.1", "answer")), "press")
    assert isinstance(done, Decision)
    assert [(event.type.value, event.task) for event in done.events] == [
        ("TriggerFired", "t"),
        ("TriggerFired", "t.question.2"),
    ]


@pytest.mark.parametrize(("day", "code"), [(15, None), (16, "right_lapsed")])
def test_a_late_entry_of_what_was_done_while_the_right_stood_is_no_lapse(day: int, code: str | None) -> None:
    """The right lapses as the 15th ends; entered on the 20th, it is the day of the act that counts."""
    at = NOON.replace(day=20)
    done = _act(_lived(), "appeal", at=at, occurred_at=NOON.replace(day=day), reason="a letter went astray")
    assert (done.code if isinstance(done, Refusal) else None) == code


@pytest.mark.parametrize(("hour", "code"), [(12, None), (11, "before_it_began")])
def test_an_act_may_have_happened_as_soon_as_its_task_began(hour: int, code: str | None) -> None:
    at = NOON.replace(day=14)
    done = _act(_lived(), "tell", at=at, occurred_at=NOON.replace(hour=hour), reason="on paper")
    assert (done.code if isinstance(done, Refusal) else None) == code


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{n: task.n + 1.0}", None),
        ("{n: form.more}", None),
        ("{m: form.more}", "m"),
        ("{n: form.mroe}", "form.mroe"),
        ("{n: \"'many'\"}", "gives text, not number"),
    ],
)
def test_what_a_fired_trigger_is_given_is_checked_and_computed(given: str, said: str | None) -> None:
    """Fields that its form does not have, and values that cannot be computed, are found while loading."""
    transitions = f"""
        - {{trigger: note, from: any, by: system, to: stay, form: {{n: {{type: integer}}}}, set: {{n: form.n}}}}
        - trigger: tell
          from: any
          by: office
          form: {{more: {{type: integer, default: 1}}}}
          to: stay
          then: [{{fire: note, on: task, with: {given}}}]
    """
    states = {"open": {"initial": True}, "done": {"final": True}}
    fields = {"n": {"type": "integer", "default": 0}}
    fragment = {"fields": fields, "states": states, "transitions": stage.yaml(transitions)}
    if said is not None:
        with pytest.raises(AssertionError, match=said):
            stage.edition(fragment)
        return
    made = decide(stage.edition(fragment), CN, {}, Register("t", "", {}, {}, OFFICE, NOON))
    assert isinstance(made, Decision)
    at = present(made.family, NOON)
    done = decide(stage.edition(fragment), CN, made.family, Fire("t", "tell", {}, OFFICE, at))
    assert isinstance(done, Decision)
    assert done.family["t"].fields["n"] == 1


HEEDFUL = stage.edition(
    stage.yaml("""
    fields: {by: {type: date}}
    states: {open: {initial: true}, aside: {}, done: {final: true}}
    transitions:
      - {trigger: tell, from: any, by: office, to: stay}
      - {trigger: promise, from: any, by: office, to: stay, form: {by: {type: date}}, set: {by: form.by}}
      - {trigger: answer, from: any, by: office, to: stay}
      - {trigger: put_aside, from: open, by: office, to: aside}
      - {trigger: end, from: any, by: office, to: done}
    deadlines:
      here: {owed_by: lead, while: open, due: 5 days after start}
      named: {owed_by: lead, starts: answer, due: 5 days after start}
      waits: {owed_by: lead, starts: registered, due: task.by, met_by: answer}
    """)
)


def test_an_act_passes_by_the_deadlines_that_it_does_not_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deadline looks at what names it, at its states, and while it waits or may move; a task may have hundreds."""
    looked: list[str] = []
    asked = deadlines._react

    def watched(clock: Any, act: Any) -> Any:
        looked.append(clock.name)
        return asked(clock, act)

    monkeypatch.setattr(deadlines, "_react", watched)
    life = Life(HEEDFUL)
    life.register(NOON)
    found = []
    acts: list[tuple[str, dict[str, Any]]] = [("tell", {}), ("promise", {"by": "2022-07-01"}), ("tell", {})]
    for hour, (trigger, form) in enumerate([*acts, ("answer", {}), ("tell", {}), ("put_aside", {})], 13):
        looked.clear()
        life.fire(trigger, NOON.replace(hour=hour), **form)
        found.append(list(looked))
    assert found == [["waits"], ["waits"], ["waits"], ["named", "waits"], [], ["here"]]
