"""Questions about guards: what can hold, what cannot, and a witness that the engine's own evaluation agrees with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from engine.edition import Edition
from engine.expressions import Kind, Language
from engine.guards import Literal, questions
from engine.guards.asking import Guards
from engine.guards.words import leaves, said
from tests.engine.stage import edition

FIELDS: Mapping[str, Any] = {
    "percent": {"type": "percent", "default": 0},
    "grade": {"type": "choice", "choices": {"one": {}, "two": {}}, "required": True},
    "unit": {"type": "unit", "required": True, "immutable": True},
    "due": {"type": "date"},
    "stopped": {"type": "boolean"},
    "visits": {"type": "integer", "default": 0, "minimum": 0},
    "units": {"type": "units"},
}
FORM: Mapping[str, Any] = {
    "month": {"type": "month", "required": True},
    "percent": {"type": "percent", "required": True},
    "day": {"type": "date"},
}


def body(guards: Sequence[str], **more: Any) -> Edition:
    """A process whose transition `report` has these guards on its branches."""
    branches = [{"state": "late", "when": guard} for guard in guards]
    report = {
        "trigger": "report",
        "from": ["open", "late"],
        "by": "lead",
        "form": FORM,
        "to": [*branches, {"state": "stay", "otherwise": True}],
    }
    plain = {"trigger": "close", "from": ["open", "late"], "by": "office", "to": "closed"}
    return edition(
        {
            "parameters": {
                "limit": {"type": "percent", "value": 10},
                "terms": {"type": "decimal", "values": {"one": 5, "two": 15}},
            },
            "fields": FIELDS,
            "milestones": {"zh": "节点", "en": "Nodes", "fields": {"planned": {"type": "percent"}}},
            "states": {"open": {"initial": True}, "late": {}, "closed": {"final": True}},
            "transitions": [report, plain, *more.pop("transitions", [])],
            "children": {
                "opinion": {
                    "states": {"asked": {"initial": True}, "given": {"final": True}},
                    "on_parent_end": "keep",
                }
            },
            **more,
        }
    )


def ask(*guards: str, **more: Any) -> Guards:
    made = body(guards, **more)
    return questions(made, made.sheets[""])


def test_a_witness_speaks_in_the_words_of_operands() -> None:
    guard = "state == 'open' && form.percent < planned(form.month) - param.limit"
    answer = ask(guard).possible([guard], trigger="report")
    assert answer.possible
    assert answer.certain
    assert set(answer.witness) == {"state", "form.percent", "form.month", "planned(form.month)"}
    assert answer.witness["state"] == "open"
    percent, planned = answer.witness["form.percent"], answer.witness["planned(form.month)"]
    assert isinstance(percent, float)
    assert isinstance(planned, float)
    assert 0 <= percent < planned - 10


def test_what_is_asked_of_a_row_is_not_the_cell_itself() -> None:
    """A label says `has`, where the guard does."""
    tree = Language({"rows": Kind.ROWS}).compile("has(rows[0].note) && rows[0].note == 'x'", Kind.BOOLEAN).tree()
    assert [said(each) for each in leaves(tree)] == ["has(rows[0].note)", "rows[0].note == 'x'"]


IMPOSSIBLE = [
    ["task.percent >= 70", "task.percent < 70"],
    ["task.percent < 0"],
    ["task.grade == 'three'"],
    ["task.grade != 'one'", "task.grade != 'two'"],
    ["state == 'gone'"],
    ["state == 'open'", "state == 'late'"],
    ["param.limit > 10"],
    ["param.terms[task.grade] < 5"],
    ["task.grade == 'one'", "param.terms[task.grade] > 10"],
    ["fired('report') < 0"],
    ["fired('report') > 1", "fired('report') < 2"],
    ["fired_since('report', 'close') > fired('report')"],
    ["actor_of('report') == ''", "fired('report') > 0"],
    ["fired('report') == 0", "last('report') < today"],
    ["open_children('opinion') > children('opinion')"],
    ["planned(form.month) > planned('2022-03')", "form.month == '2022-03'"],
    ["planned('2022-03') < 0"],
    ["task.due < '2022-03-01'", "task.due >= '2022-03-01'"],
    ["!has(task.due)", "task.due < today"],
    ["!has(task.percent)"],
    ["has(form.day)", "!has(form.day)"],
    ["form.month < '2022-03'", "form.month > '2022-02'"],
    ["days(task.due, today) > 3", "add(task.due, 3, 'days') >= today"],
    ["month_of(today) != this_month"],
    ["month_of(task.due) == '2022-02'", "task.due > '2022-02-28'"],
    ["month_end(form.month) < '2022-03-31'", "form.month == '2022-03'"],
    ["last_month >= this_month"],
    ["date_or('task.due', today) > today", "!has(task.due)"],
    ["latest([task.due, today]) < today"],
    ["'甲局' in task.units", "count(task.units) == 0"],
    ["task.visits > 1", "task.visits < 2"],
    ["task.percent / 0 > 1"],
    ["entered_on > today"],
    ["task.unit in ['a', 'b']", "task.unit != 'a' && task.unit != 'b'"],
    ["(task.stopped ? task.percent : 5) > 5", "!task.stopped"],
]


@pytest.mark.parametrize("guards", IMPOSSIBLE, ids=" and ".join)
def test_what_cannot_be_is_proved(guards: list[str]) -> None:
    assert ask(*guards).possible(guards).impossible


POSSIBLE = [
    ["task.percent > 100"],
    ["form.percent < planned(form.month)"],
    ["planned(form.month) > planned('2022-03')", "form.month == '2022-02'"],
    ["task.due < today || task.percent > 5", "!has(task.due)"],
    ["working_days(entered_on, today) > 5"],
    ["month_of(task.due) == '2024-02'", "task.due > '2024-02-28'"],
    ["today > '2022-03-30'", "this_month == '2022-03'"],
    ["'甲局' in task.units", "count(task.units) == 2", "!('乙局' in task.units)"],
    ["task.unit != 'a'"],
    ["task.due == today", "is_working_day(task.due)", "!is_working_day(entered_on)"],
    ["0.1 + task.percent > 0.2"],
]


@pytest.mark.parametrize("guards", POSSIBLE, ids=" and ".join)
def test_what_can_be_has_a_witness_that_was_tried(guards: list[str]) -> None:
    answer = ask(*guards).possible(guards)
    assert answer.possible, answer
    assert answer.certain


def test_the_form_of_a_trigger_is_there() -> None:
    guards = ask("form.percent >= 0", "has(form.day)")
    assert not guards.always("form.percent >= 0")
    assert guards.always("form.percent >= 0", trigger="report")
    assert guards.possible(["form.percent >= 0"], trigger="close").impossible
    assert guards.possible([Literal("has(form.day)", holds=False)], trigger="report").possible


def test_a_failed_guard_is_neither_true_nor_false() -> None:
    guards = ask("task.due < today")
    assert guards.possible(["task.due < today"], given={"task.due": None}).impossible
    assert guards.possible([Literal("task.due < today", holds=False)], given={"task.due": None}).impossible
    assert not guards.always("task.due < today")


def test_a_field_that_a_transition_may_empty_may_be_unset() -> None:
    copy = {"trigger": "note", "from": "open", "by": "lead", "to": "stay", "form": {"p": {"type": "percent"}}}
    emptied = ask("!has(task.percent)", transitions=[{**copy, "set": {"percent": "form.p"}}])
    assert emptied.possible(["!has(task.percent)"]).possible
    lower = {**copy, "form": {"p": {"type": "decimal", "required": True}}, "set": {"percent": "form.p"}}
    assert ask("task.percent < 0", transitions=[lower]).possible(["task.percent < 0"]).possible


def test_a_measure_is_what_it_computes_and_fails_as_a_whole() -> None:
    measures = {"behind": {"value": "planned(last_month) - task.percent"}, "left": {"value": "days(today, task.due)"}}
    guards = ask("measure.behind > 0", "measure.left > 0 || task.stopped", measures=measures)
    assert guards.possible(["measure.behind > 0"], given={"task.percent": 30.0}).witness["task.percent"] == 30
    assert guards.possible(["measure.left > 0 || task.stopped"], given={"task.due": None}).impossible


def test_what_is_not_understood_is_named_and_never_certain() -> None:
    guards = ask("task.unit.startsWith('x')", "task.percent > 3")
    answer = guards.possible(["task.unit.startsWith('x')", "task.percent > 3"])
    assert answer.possible
    assert not answer.certain
    assert answer.rests_on == ("startsWith(task.unit, 'x')",)
    assert guards.possible(["task.unit.startsWith('x')", "task.percent > 3"]).possible


def test_two_editions_differ_by_a_witness() -> None:
    one, two = body(["form.percent < param.limit"]), body(["form.percent < param.limit + 5"])
    mine, theirs = questions(one, one.sheets[""]), questions(two, two.sheets[""])
    only_mine, only_theirs = mine.differs(theirs, "form.percent < param.limit", "form.percent < param.limit + 5")
    assert only_mine.impossible
    assert only_theirs.possible
    assert only_theirs.certain
    assert 10 <= float(str(only_theirs.witness["form.percent"])) < 15


def test_atoms_are_conditions_over_the_record_alone() -> None:
    guard = "task.percent >= 100 && (has(task.due) || form.percent > task.percent) && measure.stuck && task.due < today"
    guards = ask(guard, measures={"stuck": {"type": "boolean", "value": "task.visits >= 3"}})
    assert guards.atoms([guard]) == ("task.percent >= 100", "has(task.due)", "task.visits >= 3")


def test_what_may_follow_a_transition_is_found_for_each_atom() -> None:
    guard = "task.percent >= 100 && task.visits >= 3 && task.stopped && form.percent >= 100"
    sets = {"trigger": "stop", "from": "open", "by": "lead", "to": "stay", "set": {"stopped": "true"}}
    copies = {
        "trigger": "fix",
        "from": "open",
        "by": "lead",
        "to": "stay",
        "form": FORM,
        "set": {"percent": "form.percent"},
    }
    guards = ask(guard, "form.percent >= 50", transitions=[sets, copies])
    atoms = guards.atoms([guard])
    assert atoms == ("task.percent >= 100", "task.visits >= 3", "task.stopped")
    cube = {"task.percent >= 100": False, "task.visits >= 3": True, "task.stopped": False}
    same = guards.after(cube, ["form.percent >= 50"], {}, atoms, trigger="report")
    assert same == [cube]
    low = [Literal("form.percent >= 50", holds=False)]
    assert guards.after(cube, low, {"percent": "form.percent"}, atoms, trigger="report") == [cube]
    free = guards.after(cube, [], {"percent": "form.percent", "stopped": "true"}, atoms, trigger="report")
    assert sorted(each["task.percent >= 100"] for each in free) == [False, True]
    assert all(each["task.visits >= 3"] and each["task.stopped"] for each in free)


def test_the_solver_is_loaded_by_the_first_question_only() -> None:
    program = "import sys, engine.guards, engine.loading; assert 'z3' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=300)
