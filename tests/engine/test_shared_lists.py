"""A list of choices or columns is said once and used by name; and a remark stands in one language or in both."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.edition import Edition
from engine.loading import Loaded, load
from engine.schema import json_schema
from tests.engine.stage import HEAD, titled
from workflows.authoring.diff import compare

GRADES: dict[str, dict[str, str]] = {"plain": {}, "hard": {}}
PARTS = {"item": {"type": "text"}, "grade": {"type": "choice", "choices": "grade"}}
GRADE = {"type": "choice", "choices": GRADES}
COSTS = {"type": "rows", "columns": PARTS}


def whole(form: Any, child: Any = GRADE, **parts: Any) -> dict[str, Any]:
    """A definition with a list in its record, a form and a child that may name it."""
    act = {"trigger": "grade_it", "from": "open", "by": "office", "to": "done", "form": form}
    inner = {
        "cancelled": "shut",
        "fields": {"own": {"type": "choice", "choices": {"left": {}}}, "grade": child},
        "states": {"asked": {"initial": True}, "shut": {"final": True}},
        "transitions": [{"trigger": "shut_it", "from": "asked", "by": "office", "to": "shut"}],
    }
    states = {"open": {"initial": True}, "done": {"final": True}}
    fields = {"grade": GRADE, "costs": COSTS}
    body = {"fields": fields, "states": states, "transitions": [act], "children": {"opinion": inner}}
    return dict(titled({**HEAD, "roles": {"office": {}}, **body, **parts}))


def loaded(data: Any) -> Loaded:
    return load(json.dumps(data, ensure_ascii=False, indent=1), "process.yaml")


def made(data: Any) -> Edition:
    edition = loaded(data).edition
    assert edition is not None, [each.text("en") for each in loaded(data).problems]
    return edition


def test_a_form_has_the_list_of_the_record() -> None:
    form = made(whole({"grade": {"type": "choice", "choices": "grade"}})).process.transitions[0].form
    assert list(form["grade"].choices or {}) == ["plain", "hard"]


def test_a_child_has_the_list_of_what_is_around_it() -> None:
    child = made(whole({}, {"type": "choice", "choices": "grade"})).process.children["opinion"]
    assert list(child.fields["grade"].choices or {}) == ["plain", "hard"]


def test_a_form_has_the_list_of_a_child() -> None:
    """As where an act opens the child and asks for the same."""
    form = made(whole({"own": {"type": "choice", "choices": "opinion.own"}})).process.transitions[0].form
    assert list(form["own"].choices or {}) == ["left"]


def test_columns_are_named_too_and_name_lists_themselves() -> None:
    form = made(whole({"costs": {"type": "rows", "columns": "costs"}})).process.transitions[0].form
    columns = form["costs"].columns or {}
    assert list(columns) == ["item", "grade"]
    assert list(columns["grade"].choices or {}) == ["plain", "hard"]


@pytest.mark.parametrize("name", ["grad", "costs", "opinion.grad", "nobody.grade", ""])
def test_a_name_that_leads_to_no_list_is_told_where_it_stands(name: str) -> None:
    """A slip, a field of another type, a child's field and a child that are not there."""
    data = whole({"grade": {"type": "choice", "choices": name}})
    text = json.dumps(data, ensure_ascii=False, indent=1)
    (problem,) = load(text, "process.yaml").problems
    assert problem.code == "no-such-list"
    assert problem.cure is not None
    assert f'"choices": "{name}"' in text.splitlines()[problem.where.line - 1]


def test_one_that_names_another_that_names_it_is_no_list() -> None:
    data = whole({}, fields={"a": {"type": "choice", "choices": "b"}, "b": {"type": "choice", "choices": "a"}})
    assert [each.code for each in loaded(data).problems] == ["no-such-list"] * 2


def test_a_table_is_no_part_of_itself() -> None:
    inner = {"type": "rows", "columns": "costs"}
    data = whole({}, fields={"grade": GRADE, "costs": {"type": "rows", "columns": {"more": inner}}})
    assert "no-such-list" in {each.code for each in loaded(data).problems}


def test_a_short_text_does_not_become_a_long_one() -> None:
    """A thousand uses of a list of a thousand: refused at once, whatever its size would be."""
    many = {f"c{number}": {"zh": "一", "en": "One"} for number in range(1000)}
    form = {f"f{number}": {"type": "choice", "choices": "grade"} for number in range(1000)}
    data = whole(form, fields={"grade": {"type": "choice", "choices": many}, "costs": COSTS})
    (problem,) = loaded(data).problems
    assert "20000" in problem.text("en")


def test_a_fault_in_a_list_is_told_once_though_it_is_used_twice() -> None:
    """It stands in one place, and is found there."""
    data = whole({"grade": {"type": "choice", "choices": "grade"}}, GRADE)
    data["fields"]["grade"]["choices"]["plain"] = {"zh": "一般"}
    text = json.dumps(data, ensure_ascii=False, indent=1)
    lines = {problem.where.line for problem in load(text, "process.yaml").problems}
    assert lines
    assert lines <= set(range(1, text.count("\n") + 2))


NAMES = st.sampled_from(["grade", "opinion.own", "opinion.grade", "costs", "x", "grade.grade", "."])
LISTS = st.one_of(NAMES, st.just(GRADES), st.none(), st.integers())


@given(st.lists(LISTS, min_size=3, max_size=3))
def test_whatever_names_whatever_it_loads_or_says_why(lists: list[Any]) -> None:
    """Never a crash; and what loads is the same as with every list written out."""
    form, child, record = ({"type": "choice", "choices": each} for each in lists)
    data = whole({"grade": form}, child)
    data["fields"]["other"] = {"zh": "他", "en": "Other", **record}
    found = loaded(data)
    assert (found.edition is None) == bool(found.problems)
    if found.edition is not None:
        spelt = found.edition.process.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        assert not compare(found.edition, made(spelt)).changes


def test_the_schema_takes_a_name_too() -> None:
    """So that an editor does not mark it."""
    field = json_schema()["$defs"]["Field"]["properties"]
    assert all({"type": "string"} in field[key]["anyOf"] for key in ("choices", "columns"))


# -- a remark on a parameter


def with_note(note: Any) -> dict[str, Any]:
    return whole({}, parameters={"few": {"type": "integer", "value": 3, "zh": "几", "en": "Few", "note": note}})


@pytest.mark.parametrize("note", ["按含当日理解", {"zh": "按含当日理解", "en": "The day itself counts"}])
def test_a_note_stands_in_one_language_or_in_both(note: Any) -> None:
    kept = made(with_note(note)).process.parameters["few"].note
    assert (kept if isinstance(kept, str) or kept is None else kept.model_dump()) == note


@pytest.mark.parametrize("note", [{"zh": "含当日"}, {"zh": "含", "en": "incl", "fr": "compris"}, 3])
def test_half_a_note_is_told_where_it_stands(note: Any) -> None:
    data = with_note(note)
    text = json.dumps(data, ensure_ascii=False, indent=1)
    problems = load(text, "process.yaml").problems
    line = next(number for number, each in enumerate(text.splitlines(), 1) if '"note"' in each)
    assert problems
    assert all(line <= each.where.line <= line + 4 for each in problems)


def test_a_note_that_was_rewritten_changes_nothing_in_meaning() -> None:
    old, new = (made(with_note({"zh": "含当日", "en": text})) for text in ("Counts", "The day itself counts"))
    assert not compare(old, new).changes
