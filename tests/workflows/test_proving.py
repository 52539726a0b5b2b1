"""What is claimed of a definition is proved or refuted, and each story is one that the engine goes through again."""

from __future__ import annotations

from typing import Any

import pytest

from engine.proofs.building import Ground, Wish, build
from engine.proofs.explore import explore
from tests.engine.walks import calendar
from tests.workflows.proofs import (
    ANSWER,
    CLOSE,
    FINISH,
    LATE,
    STATES,
    TALK,
    claimed,
    definition,
    founding,
    only,
)
from workflows.authoring.proving import ASSUMED

SCORE = {"fields": {"score": {"type": "percent", "default": 0}}}
RATE = {
    "trigger": "rate",
    "from": ["open", "late"],
    "by": "lead",
    "to": "stay",
    "form": {"score": {"type": "percent", "required": True}},
    "set": {"score": "form.score"},
}
GOOD = {**CLOSE, "when": "task.score >= 60"}


def test_never_is_proved_by_the_guard_that_keeps_it() -> None:
    """Nothing closes below sixty, since closing asks for it."""
    proof = claimed(
        {"never": {"state": "shut"}, "when": "task.score < 60"}, **SCORE, transitions=[LATE, TALK, RATE, GOOD]
    )
    assert proof.answer == "proved"


def test_never_is_refuted_where_a_guard_lets_it_pass() -> None:
    """One point too few in the guard, and a story tells who closed with what."""
    lax = {**CLOSE, "when": "task.score >= 59"}
    proof = claimed(
        {"never": {"state": "shut"}, "when": "task.score < 60"}, **SCORE, transitions=[LATE, TALK, RATE, lax]
    )
    assert proof.answer == "refuted"
    assert any("close" in line for line in proof.story("en"))


@pytest.mark.parametrize(("least", "answer"), [(60, "proved"), (40, "refuted")])
def test_always_is_the_contrary_of_never(least: int, answer: str) -> None:
    """`always` holds in every situation in which the task may be."""
    claim = {"always": "state != 'shut' || task.score >= 60.0"}
    closing = {**CLOSE, "when": f"task.score >= {least}"}
    assert claimed(claim, **SCORE, transitions=[LATE, TALK, RATE, closing]).answer == answer


@pytest.mark.parametrize(
    ("within", "answer"), [("16 working days", "proved"), ("15 working days", "refuted"), ("45 days", "proved")]
)
def test_what_deadlines_enforce_is_answered_in_time(within: str, answer: str) -> None:
    """Ten working days and then five: the second begin with the day after the first are over, which does not count."""
    claim = {"from": "open", "reaches": ["talk", "shut"], "within": within}
    assert claimed(claim).answer == answer


def test_a_term_is_compared_with_the_same_term_exactly() -> None:
    """Five working days from the same instant are neither more nor less than five working days."""
    claim = {"from": "late", "reaches": ["talk", "shut"]}
    assert claimed({**claim, "within": "5 working days"}).answer == "proved"
    assert claimed({**claim, "within": "4 working days"}).answer == "refuted"


def test_without_a_term_it_is_answered_at_some_time() -> None:
    """Where a deadline sees to it; and not where nobody has to do anything."""
    assert claimed({"from": "open", "reaches": ["talk", "shut"]}).answer == "proved"
    refuted = claimed({"from": "talk", "reaches": "shut"})
    assert refuted.answer == "refuted"


def test_dropping_what_a_miss_fires_breaks_the_answer() -> None:
    """The same claim is refuted by a story in which nobody does anything."""
    proof = claimed(
        {"from": "open", "reaches": ["talk", "shut"], "within": "15 working days"},
        deadlines={"finish": FINISH, "answer": {**ANSWER, "missed": {"fire": "call"}}},
    )
    assert proof.answer == "refuted"
    assert "working days" in proof.story("en")[-1]
    assert "工作日" in proof.story("zh")[-1]


PAUSE = [
    {"trigger": "halt", "from": "open", "by": "office", "to": "stay"},
    {"trigger": "go_on", "from": "open", "by": "office", "to": "stay"},
]


@pytest.mark.parametrize(
    "more",
    [
        {"pause": {"by": "halt", "until": "go_on"}},
        {"restart_by": "halt"},
        {"extend": {"by": "halt", "up_to": "10 working days", "at_most": 1}},
        {"cancelled_by": "halt"},
    ],
)
def test_what_gives_more_time_may_break_a_term(more: dict[str, Any]) -> None:
    """A pause, a restart, an extension or a cancellation: each makes fifteen working days too few."""
    finish = {**FINISH, "missed": {"fire": "lapse"}, **more}
    proof = claimed(
        {"from": "open", "reaches": ["late", "shut"], "within": "15 working days"},
        transitions=[LATE, TALK, CLOSE, *PAUSE],
        deadlines={"finish": finish},
    )
    assert proof.answer == "refuted"


def test_an_extension_has_a_cap() -> None:
    """Ten working days and at most ten more: within twenty-one somebody is late or done."""
    finish = {**FINISH, "missed": {"fire": "lapse"}, "extend": {"by": "halt", "up_to": "10 working days"}}
    proof = claimed(
        {"from": "open", "reaches": ["late", "shut"], "within": "21 working days"},
        transitions=[LATE, TALK, CLOSE, *PAUSE],
        deadlines={"finish": finish},
    )
    assert proof.answer == "proved"


def test_taking_an_act_back_does_not_hide_a_break() -> None:
    """A claim about who closed holds with `correct` too: to take back is to be where one was."""
    correct = {
        "trigger": "correct",
        "from": ["any", "shut"],
        "by": {"role": "office", "not": "last.actor"},
        "to": "previous",
    }
    claim = {"from": "late", "reaches": ["talk", "shut"], "within": "5 working days"}
    assert claimed(claim, transitions=[LATE, TALK, CLOSE, correct]).answer == "proved"
    score = {"never": {"state": "shut"}, "when": "task.score < 60"}
    assert claimed(score, **SCORE, transitions=[LATE, TALK, RATE, GOOD, correct]).answer == "proved"


def test_separation_of_duties_is_proved_or_refuted() -> None:
    """Whoever reported cannot have accepted, where the definition says so; else one person did both."""
    report = {"trigger": "report", "from": "open", "by": ["lead", "office"], "to": "late"}
    claim = {"never": {"state": "shut"}, "when": "actor_of('close') == actor_of('report')"}
    apart = {**CLOSE, "from": "late", "by": {"role": "office", "not": "actor_of('report')"}}
    deadlines: dict[str, Any] = {}
    assert claimed(claim, transitions=[report, apart], deadlines=deadlines).answer == "proved"
    together = {**CLOSE, "from": "late"}
    assert claimed(claim, transitions=[report, together], deadlines=deadlines).answer == "refuted"


def test_a_way_to_the_end_is_certain_or_is_missing() -> None:
    """From every state the office may close; from a state that nobody leaves there is no way."""
    assert claimed({"can_reach": "shut"}).answer == "proved"
    trap = claimed({"can_reach": "shut"}, transitions=[LATE, TALK, {**CLOSE, "from": ["open", "late"]}])
    assert trap.answer == "refuted"
    assert "talk" in trap.story("en")[-1]


def test_a_way_that_hangs_on_what_is_not_known_is_unknown() -> None:
    """A guard that nobody can surely make true proves nothing, and the reason names it."""
    someday = {**CLOSE, "when": "task.day < today"}
    fields = {"day": {"type": "date", "required": True, "immutable": True}}
    proof = claimed({"can_reach": "shut"}, transitions=[LATE, TALK, someday], fields=fields)
    assert proof.answer == "unknown"
    assert proof.reason is not None
    assert "close" in proof.reason.en


STARVING = {
    "states": STATES,
    "transitions": [
        {"trigger": "warn", "from": "open", "by": "system", "to": "stay"},
        {"trigger": "lapse", "from": "open", "by": "system", "to": "late"},
        CLOSE,
    ],
}


@pytest.mark.parametrize(("restarts", "answer"), [(["warn"], "refuted"), ([], "proved")])
def test_a_deadline_that_another_sets_back_for_ever_is_starved(restarts: list[str], answer: str) -> None:
    """A warning each five days that starts the ten days anew: they never end."""
    warning = {**FINISH, "starts": ["registered", "warn"], "due": "5 days after start", "missed": {"fire": "warn"}}
    finish = {**FINISH, "due": "10 days after start", "restart_by": restarts, "missed": {"fire": "lapse"}}
    proof = claimed({"no_starvation": True}, **STARVING, deadlines={"warning": warning, "finish": finish})
    assert proof.answer == answer


def test_time_alone_leaves_no_final_state() -> None:
    """A deadline that still runs at the end and leads out of it is found."""
    again = {"trigger": "again", "from": ["any", "shut"], "by": "system", "to": "open"}
    finish = {**FINISH, "while": ["open", "shut"], "met_by": [], "missed": {"fire": "again"}}
    name = "time alone leaves no final state"
    assert (
        only(definition(transitions=[LATE, TALK, CLOSE, again], deadlines={"finish": finish}), name).answer == "refuted"
    )
    assert only(definition(), name).answer == "proved"


def test_what_a_deadline_fires_is_possible_where_it_passes() -> None:
    """A deadline without states of its own passes in any; what it fires is possible in one alone."""
    name = "what `answer` fires is possible wherever it passes"
    assert only(definition(), name).answer == "proved"
    loose = {**ANSWER, "starts": "registered", "missed": {"fire": "call"}}
    del loose["while"]
    assert only(definition(deadlines={"answer": loose}), name).answer == "refuted"


def test_a_miss_without_a_consequence_is_found_in_the_text() -> None:
    """Unless it is declared advisory, or looked at, or reminds."""
    name = "to miss `finish` has a consequence"
    assert only(definition(deadlines={"finish": FINISH}), name).answer == "refuted"
    assert only(definition(deadlines={"finish": {**FINISH, "remind": "1 day before"}}), name).answer == "proved"
    lights = [{"red": "missed('finish') > 0"}, {"green": True}]
    assert only(definition(deadlines={"finish": FINISH}, signals=lights), name).answer == "proved"


def test_children_are_proved_alone() -> None:
    """A child's claim is refuted by a story that opens it first."""
    child = {
        "cancelled": "dropped",
        "states": {"asked": {"initial": True}, "given": {"final": True}, "dropped": {"final": True}},
        "transitions": [{"trigger": "give", "from": "asked", "by": "lead", "to": "given"}],
        "properties": [
            {"name": "no answer is ever given", "never": {"state": "given"}},
            {"name": "what is asked is open", "never": "state == 'asked' && fired('give') > 0"},
        ],
    }
    ask = {"trigger": "ask", "from": "open", "by": "office", "to": "stay", "then": {"open": "opinion"}}
    made = definition(transitions=[LATE, TALK, CLOSE, ask], children={"opinion": child})
    refuted = only(made, "no answer is ever given")
    assert refuted.answer == "refuted"
    assert only(made, "what is asked is open").answer == "proved"


def test_a_search_that_is_given_up_says_so() -> None:
    """A bound on zones leaves the graph open, with the reason."""
    made = definition()
    graph = explore(build(Ground.of(made, calendar(), ""), Wish(timed=True)), most=3)
    assert not graph.whole
    assert graph.stopped == "many:3"


def test_proofs_say_what_they_take_for_granted() -> None:
    """In both languages."""
    assert any("punctually" in each.en for each in ASSUMED)
    assert all(each.zh and each.en for each in ASSUMED)


# -- faults planted in the founding definitions


def test_a_rectification_without_its_miss_is_not_escalated() -> None:
    """Drop what a missed rectification fires, and that it is escalated at once is refuted by a dated story."""
    name = "a missed rectification is escalated at once"
    planted = ("    missed: {fire: fail_rectification}\n", "")
    proof = only(founding("shanwei-key-tasks", planted), name)
    assert proof.answer == "refuted"
    assert proof.story("en")[0][:2] == "20"


def test_a_lax_verification_is_found() -> None:
    """One guard of the promise weakened: a project is closed unkept."""
    planted = ("    when: task.percent >= 100\n    to: done", "    when: task.percent >= 90\n    to: done")
    proof = only(founding("dalian-livelihood", planted), "a public promise is never closed unkept", "dalian-livelihood")
    assert proof.answer == "refuted"


def test_one_person_may_not_do_both() -> None:
    """Without `not: actor_of(…)` the same person applies for closing and closes."""
    planted = ("by: {role: task_force, not: actor_of('complete')}", "by: [task_force, lead]")
    proof = only(founding("shanwei-key-tasks", planted), "whoever applies for closing does not close")
    assert proof.answer == "refuted"


@pytest.mark.parametrize(("written", "answer"), [({"written_by": "transitions"}, "proved"), ({}, "refuted")])
def test_what_transitions_alone_write_begins_as_it_is_said(written: dict[str, str], answer: str) -> None:
    """Days are granted up to twenty in all: who registers a task with thirty breaks that, unless nobody can."""
    days = {"type": "integer", "required": True, "minimum": 1}
    grant = {"trigger": "grant", "from": "open", "by": "office", "to": "stay", "form": {"days": days}}
    grant |= {"when": "task.used + form.days <= 20", "set": {"used": "task.used + form.days"}}
    fields = {"used": {"type": "integer", "default": 0, **written}}
    proof = claimed({"always": "task.used <= 20"}, transitions=[LATE, TALK, CLOSE, grant], fields=fields)
    assert proof.answer == answer


@pytest.mark.parametrize(("written", "answer"), [({"written_by": "transitions"}, "proved"), ({}, "refuted")])
def test_what_transitions_alone_write_is_empty_until_one_does(written: dict[str, str], answer: str) -> None:
    tell = {**CLOSE, "set": {"result": "'done'"}}
    fields = {"result": {"type": "text", **written}}
    claim = {"never": "state == 'open' && has(task.result)"}
    assert claimed(claim, transitions=[LATE, TALK, tell], fields=fields).answer == answer


def test_of_a_child_nothing_is_known_at_its_beginning() -> None:
    """The act that opens it may give what transitions alone write."""
    child = {
        "cancelled": "gone",
        "fields": {"grade": {"type": "integer", "default": 0, "written_by": "transitions"}},
        "states": {"new": {"initial": True}, "gone": {"final": True}},
        "transitions": [{"trigger": "drop", "from": "new", "by": "office", "to": "gone", "set": {"grade": "0"}}],
        "properties": [{"name": "plain", "always": "task.grade < 1"}],
    }
    opens = {**CLOSE, "then": {"open": "note", "with": {"grade": "3"}}}
    made = definition(transitions=[LATE, TALK, opens], children={"note": child})
    assert only(made, "plain").answer != "proved"
