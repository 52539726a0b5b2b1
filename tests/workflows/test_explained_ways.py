"""What an explanation says of what did not happen, and of what a date was made of: worked out by hand for a small
process, in which each answer has a neighbour that would be nearly right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import Actor
from engine.events import EventType, Json
from engine.problems import Language
from storage import open_store
from tests.engine.stage import edition
from tests.workflows.conftest import at
from workflows.audit.explaining import ways
from workflows.audit.explaining.chain import Explanation, explain
from workflows.audit.explaining.telling import Told, ToldWay, told
from workflows.authoring.publishing import Published, publish
from workflows.clock import VirtualClock
from workflows.desk import Desk
from workflows.office.firing import Act, Outcome, fire
from workflows.office.registering import register
from workflows.office.sweeping import sweep
from workflows.rows import Row
from workflows.sources import calendar_named

OFFICE, LEAD = Actor("li", ("office",)), Actor("wang", ("lead",))
DEFINED: Json = {
    "process": "ways",
    "parameters": {
        "term": {"type": "term", "values": {"plain": "10 working days", "grave": "5 working days"}},
        "cap": {"type": "term", "value": "6 working days"},
    },
    "fields": {
        "grade": {"type": "choice", "choices": {"plain": {}, "grave": {}}, "default": "plain"},
        "percent": {"type": "percent", "default": 0},
    },
    "milestones": {"fields": {"planned": {"type": "percent"}, "actual": {"type": "percent"}}},
    "states": {"open": {"initial": True}, "righting": {}, "failed": {}, "done": {"final": True}},
    "notices": {"late": {"text": {"zh": "迟", "en": "Late"}}, "calm": {"text": {"zh": "静", "en": "Calm"}}},
    "transitions": [
        {
            "trigger": "order",
            "from": "open",
            "by": "office",
            "form": {
                "grade": {"type": "choice", "choices": {"plain": {}, "grave": {}}},
                "until": {"type": "date"},
            },
            "set": {"grade": "form.grade"},
            "to": "righting",
            "then": [
                {"fire": "warn", "on": "task", "when": "state == 'righting' && planned('2022-03') > task.percent"},
                {"notice": "calm", "to": ["lead"], "when": "state == 'open'"},
                {"notice": "late", "to": ["lead"], "when": "running('righted')"},
            ],
        },
        {"trigger": "warn", "from": "any", "by": "system", "to": "stay"},
        {
            "trigger": "report",
            "from": "any",
            "by": "lead",
            "form": {"month": {"type": "month"}, "percent": {"type": "percent"}},
            "set": {"percent": "form.percent"},
            "milestone": {"key": "form.month", "set": {"actual": "form.percent"}},
            "to": "stay",
        },
        {"trigger": "grant", "from": "any", "by": "office", "form": {"new_due": {"type": "date"}}, "to": "stay"},
        {"trigger": "more", "from": "any", "by": "office", "to": "stay"},
        {"trigger": "submit", "from": "any", "by": "lead", "to": "stay"},
        {"trigger": "accept", "from": "any", "by": "office", "to": "done"},
        {"trigger": "fail", "from": "any", "by": "system", "to": "failed"},
    ],
    "deadlines": {
        "righted": {
            "owed_by": "lead",
            "starts": "order",
            "when": "task.percent < 100",
            "due": "param.term[task.grade] after start",
            "extend": {"by": "grant", "to": "form.new_due", "up_to": "param.cap"},
            "met_by": [{"trigger": "submit", "when": "task.percent > 50"}, {"trigger": "accept"}],
            "missed": {"fire": "fail"},
        },
        "told": {
            "owed_by": "lead",
            "starts": "order",
            "due": "form.until",
            "extend": {"by": "more", "up_to": "param.cap"},
        },
    },
}
"""The plan of March is 30; a report writes the same row."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Ordered on 1 March, extended, handed in too early for it to count, and missed."""
    clock = VirtualClock(at("2022-02-28 09:00"))
    folder: Path = tmp_path_factory.mktemp("ways")
    store = open_store(f"sqlite:///{folder}/duban.db", create=True, clock=clock)
    made = Desk(store, clock)
    assert isinstance(publish(made, edition(DEFINED).text, calendar_named), Published)
    plan = {"2022-03": {"planned": "30"}}
    assert isinstance(register(made, "ways", [Row(1, {}, plan)], OFFICE, ids=["one"]), list)

    def done(day: str, trigger: str, who: Actor, **form: str) -> None:
        sweep(made, at(day))
        clock.move(at(day))
        answer = fire(made, Act("one", trigger, form, who))
        assert isinstance(answer, Outcome), answer

    done("2022-03-01 09:00", "report", LEAD, month="2022-03", percent="20")
    done("2022-03-01 09:30", "submit", LEAD)  # before anything was ordered: of no account
    done("2022-03-01 10:00", "order", OFFICE, grade="grave", until="2022-12-30")
    done("2022-03-01 11:00", "more", OFFICE)
    done("2022-03-02 09:00", "grant", OFFICE, new_due="2022-03-10")
    done("2022-03-03 09:00", "submit", LEAD)
    sweep(made, at("2022-03-20 09:00"))
    yield made
    store.close()


def _steps(
    desk: Desk, kind: EventType, trigger: str = "", deadline: str = "righted", lang: Language = "en"
) -> list[Told]:
    """The explanation of the only such event."""
    events = [one.event for one in desk.store.events("one")]
    (event,) = (
        one
        for one in events
        if one.type is kind
        and one.payload.get("trigger", "") == trigger
        and one.payload.get("occurrence", {"name": deadline})["name"] == deadline
    )
    found = explain(desk, "one", event.seq, lang)
    assert isinstance(found, Explanation)
    assert found.holes() == []
    return told(found, lang)


def _seen(ways: list[ToldWay]) -> dict[str, dict[str, str]]:
    return {way.leads: {fact.name: fact.value for fact in way.facts} for way in ways}


def test_what_fired_says_by_which_numbers_and_what_beside_it_did_not_and_why(desk: Desk) -> None:
    """Each condition as it was asked: the act had led into its state, and its deadline ran."""
    step, *rest = _steps(desk, EventType.TRIGGER_FIRED, "warn")
    assert [(way.leads, way.verdict) for way in step.ways] == [
        ("fire warn", "taken"),
        ("send calm", "failed"),
        ("send late", "held"),
    ]
    seen = _seen(list(step.ways))
    assert seen["fire warn"] == {"planned('2022-03')": "30", "state": "righting", "task.percent": "20"}
    assert seen["send calm"] == {"state": "righting"}
    assert seen["send late"] == {"running('righted')": "yes"}
    assert "not done" in step.ways[1].text
    assert rest[0].ref == step.because.removeprefix("It follows from ")


def test_a_cell_of_the_plan_comes_from_whoever_set_it_and_not_from_who_wrote_beside_it(desk: Desk) -> None:
    step = _steps(desk, EventType.TRIGGER_FIRED, "warn")[0]
    (cell,) = (fact for fact in step.ways[0].facts if fact.name.startswith("planned"))
    assert [each.ref for each in cell.sources] == ["one#1"]


def test_a_date_says_which_parameter_and_which_value_of_the_record_it_was_made_of(desk: Desk) -> None:
    step = _steps(desk, EventType.DEADLINE_STARTED)[0]
    (by_grade, grade, _start) = step.dated
    assert (by_grade.name, by_grade.value) == ("param.term", "plain: 10 working days, grave: 5 working days")
    chinese = _steps(desk, EventType.DEADLINE_STARTED, lang="zh")[0].dated[0]
    assert chinese.value == "plain：10个工作日、grave：5个工作日"
    assert by_grade.line is not None
    assert '"term"' in by_grade.line.text
    (order,) = grade.sources
    assert (grade.name, grade.value, order.ref) == ("task.grade", "grave", step.because.rpartition(" ")[2])
    assert "5 working days" in " ".join(step.date)
    assert [(way.leads, way.verdict, way.guard) for way in step.ways] == [
        ("righted starts", "taken", "task.percent < 100")
    ]


def test_a_day_that_was_granted_says_what_it_was_before_and_how_much_was_allowed(desk: Desk) -> None:
    step = _steps(desk, EventType.DEADLINE_EXTENDED)[0]
    started = _steps(desk, EventType.DEADLINE_STARTED)[0]
    assert step.date[0] == f"It was 2022-03-08 ({started.ref}), and was extended to 2022-03-10"
    assert {fact.name: fact.value for fact in step.dated} == {
        "form.new_due": "2022-03-10",
        "param.cap": "6 working days",
    }


def test_a_day_that_was_filled_in_leads_to_who_filled_it_in(desk: Desk) -> None:
    """Also where the act is further back; and what was granted on top is said."""
    step = _steps(desk, EventType.DEADLINE_STARTED, deadline="told")[0]
    (day,) = step.dated
    assert (day.name, day.value, [each.ref for each in day.sources]) == (
        "form.until",
        "2022-12-30",
        [step.because.rpartition(" ")[2]],
    )
    more = _steps(desk, EventType.DEADLINE_EXTENDED, deadline="told")[0]
    assert more.date[0] == "6 working days more were granted"
    told_of = {fact.name: [each.ref for each in fact.sources] for fact in more.dated}
    assert told_of == {"param.cap": [], "form.until": [each.ref for each in day.sources]}


def test_a_miss_says_what_would_have_met_it(desk: Desk) -> None:
    """One act was never done; another was, and did not count."""
    steps = _steps(desk, EventType.TRIGGER_FIRED, "fail")
    missed = next(step for step in steps if step.ref != steps[0].ref)
    handed_in, accepted = missed.ways
    assert (handed_in.guard, handed_in.verdict) == ("submit, when: task.percent > 50", "not_counted")
    (done,) = handed_in.facts
    assert (done.name, done.value, len(done.sources)) == ("submit", "1", 1)
    assert (accepted.leads, accepted.verdict, accepted.facts) == ("accept would have met it", "absent", [])
    assert missed.date[0].startswith("It was 2022-03-08")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_event_is_explained_without_a_hole_in_both_languages(desk: Desk, lang: str) -> None:
    for one in desk.store.events("one"):
        found = explain(desk, "one", one.event.seq, "zh" if lang == "zh" else "en")
        assert isinstance(found, Explanation)
        assert found.holes() == [], one.event.ref
        assert told(found, "zh" if lang == "zh" else "en")


def test_an_act_says_by_which_door_it_came_in(desk: Desk) -> None:
    for lang, words in (("zh", "渠道：命令行"), ("en", "by the command line")):
        assert words in _steps(desk, EventType.TRIGGER_FIRED, "grant", lang="zh" if lang == "zh" else "en")[0].because


def test_what_does_not_follow_when_it_is_looked_at_again_is_a_hole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An effect that happened, and a deadline that began, though their conditions come to nothing."""
    events = [one.event for one in desk.store.events("one")]
    for kind, trigger in ((EventType.TRIGGER_FIRED, "warn"), (EventType.DEADLINE_STARTED, "")):
        event = next(one for one in events if one.type is kind and one.payload.get("trigger", "") == trigger)
        for name in ("looked", "asked"):
            monkeypatch.setattr(ways, name, lambda *_: (False, []))
        found = explain(desk, "one", event.seq, "en")
        assert isinstance(found, Explanation)
        assert f"{event.ref} is not what ways@1:" in found.holes()[0]
        monkeypatch.undo()
