"""Values of typed fields: what each type takes, what it keeps, and what it refuses, at the edges of its range."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.facts import seen
from engine.model.fields import Field, FieldType
from engine.problems import ValueProblem
from engine.values import as_number, parse_value
from tests.engine.life import Life, day
from tests.engine.stage import edition

TITLE = {"zh": "项", "en": "Item"}
ROWS = {"columns": {"name": {"type": "text", "required": True, **TITLE}, "n": {"type": "integer", **TITLE}}}
CHOICES = {"choices": {"water": {"zh": "水务局", "en": "Water"}, "roads": {"zh": "交通局", "en": "Roads"}}}


def field(kind: str, **more: Any) -> Field:
    return Field(type=kind, **TITLE, **more)  # type: ignore[arg-type]  # the model reads the type's name


@pytest.mark.parametrize(
    ("kind", "more", "given", "kept"),
    [
        ("text", {}, "  路灯 ", "路灯"),
        ("text", {}, "   ", None),
        ("text", {}, 12.0, "12"),
        ("text", {}, 12.5, "12.5"),
        ("choice", CHOICES, "water", "water"),
        ("choice", CHOICES, "交通局", "roads"),
        ("choice", CHOICES, "Roads", "roads"),
        ("boolean", {}, "是", True),
        ("boolean", {}, "Yes", True),
        ("boolean", {}, True, True),
        ("boolean", {}, 1, True),
        ("boolean", {}, "否", False),
        ("boolean", {}, 0, False),
        ("integer", {}, "1,234", 1234),
        ("integer", {}, 7.0, 7),
        ("integer", {"minimum": 1, "maximum": 9}, 1, 1),
        ("integer", {"minimum": 1, "maximum": 9}, 9, 9),
        ("integer", {"maximum": 9}, -100, -100),
        ("integer", {"minimum": 1}, 100, 100),
        ("integer", {"minimum": 1}, "", None),
        ("decimal", {}, "70.80", "70.8"),
        ("decimal", {}, "-1,234,567.50", "-1234567.5"),
        ("decimal", {}, 1e-05, "0.00001"),
        ("decimal", {}, 0.1 + 0.2, "0.30000000000000004"),
        ("decimal", {}, "0." + 29 * "0" + "10", "0." + 29 * "0" + "1"),
        ("decimal", {}, "0." + 40 * "0", "0"),
        ("decimal", {}, "0.00", "0"),
        ("decimal", {}, "100", "100"),
        ("decimal", {}, "-0.5", "-0.5"),
        ("money", {}, "1" + 17 * "0", "1" + 17 * "0"),
        ("percent", {}, "0", "0"),
        ("percent", {}, "70.8%", "70.8"),
        ("quantity", {}, "7 公里", {"amount": "7", "unit": "公里"}),
        ("quantity", {"unit": "km"}, "7", {"amount": "7", "unit": "km"}),
        ("quantity", {"unit": "km"}, {"amount": 7, "unit": "km"}, {"amount": "7", "unit": "km"}),
        ("quantity", {}, {"amount": 7}, {"amount": "7", "unit": ""}),
        ("quantity", {"minimum": 7}, "7", {"amount": "7", "unit": ""}),
        ("date", {}, date(2022, 2, 3), "2022-02-03"),
        ("date", {}, datetime(2022, 2, 3, 23, tzinfo=UTC), "2022-02-03"),
        ("date", {}, "2022年2月3日", "2022-02-03"),
        ("date", {}, "2022/12/25", "2022-12-25"),
        ("month", {}, date(2022, 2, 3), "2022-02"),
        ("month", {}, "2022年1月", "2022-01"),
        ("month", {}, "2022/12", "2022-12"),
        ("term", {}, "10个工作日", "10 working days"),
        ("units", {}, "水务局；交通局、, 路政", ["水务局", "交通局", "路政"]),
        ("units", {}, ["水务局", " ", "交通局 "], ["水务局", "交通局"]),
        ("files", {}, "a.pdf；b.pdf; ", [{"name": "a.pdf"}, {"name": "b.pdf"}]),
        ("files", {}, [{"name": "a.pdf", "digest": "00"}, "b.pdf", ""],
         [{"name": "a.pdf", "digest": "00"}, {"name": "b.pdf"}]),
        ("rows", ROWS, [{"name": "a", "n": "2"}, {"name": "b"}], [{"name": "a", "n": 2}, {"name": "b", "n": None}]),
    ],
)  # fmt: skip
def test_a_value_is_kept_as_its_type_says(kind: str, more: dict[str, Any], given: Any, kept: Any) -> None:
    found = parse_value(field(kind, **more), given)
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("kind", "more", "given", "said"),
    [
        ("text", {}, ["a"], "not a list or a table"),
        ("text", {}, {"a": 1}, "not a list or a table"),
        ("choice", CHOICES, "watr", "not one of water, roads; did you mean water?"),
        ("choice", CHOICES, "xyz", "'xyz' is not one of water, roads"),
        ("boolean", {}, "maybe", "neither yes nor no"),
        ("integer", {}, "7.5", "not a whole number"),
        ("integer", {}, True, "not yes or no"),
        ("integer", {"minimum": 1, "maximum": 9}, 0, "0 is not between 1 and 9"),
        ("integer", {"minimum": 1, "maximum": 9}, 10, "10 is not between 1 and 9"),
        ("integer", {"minimum": 1}, 0, "0 is too little: at least 1"),
        ("integer", {"maximum": 9}, 10, "10 is too much: at most 9"),
        ("quantity", {"minimum": 7}, "6.9", "6.9 is too little: at least 7"),
        ("decimal", {}, "many", "not a number"),
        ("decimal", {}, "1" + 18 * "0", "out of range"),
        ("decimal", {}, "Infinity", "out of range"),
        ("decimal", {}, "1e-400", "at most 18 digits before the point, and 30 after it"),
        ("decimal", {}, "0." + 31 * "1", "30 after it"),
        ("decimal", {}, "1,2,3", "not a number such as 1,234.5"),
        ("decimal", {}, "1234,5", "not a number such as 1,234.5"),
        ("money", {}, ",500", "not a number such as 1,234.5"),
        ("decimal", {}, "1_000", "not a number such as 1,234.5"),
        ("quantity", {}, "1,2,3 km", "not a number such as 1,234.5"),
        ("percent", {}, "-0.1", "not negative"),
        ("quantity", {}, "seven km", "not an amount with a unit"),
        ("quantity", {"unit": "km"}, "7 m", "the unit is km, not m"),
        ("date", {}, "2022-02-30", "not a date"),
        ("date", {}, "soon", "not a date"),
        ("instant", {}, "soon", "not a moment"),
        ("month", {}, "2022-13", "not a month"),
        ("month", {}, "2022-0", "not a month"),
        ("month", {}, "22-1", "not a month"),
        ("term", {}, "soon", "not a term"),
        ("units", {}, 7, "list of units"),
        ("units", {}, ["a", 7], "list of units"),
        ("files", {}, [{"digest": "00"}], "each with a name"),
        ("files", {}, [7, "a.pdf"], "each with a name"),
        ("rows", ROWS, "a", "list of rows"),
        ("rows", ROWS, [{"name": "a"}, "b"], "list of rows"),
        ("rows", ROWS, [{"name": "a", "m": 1}], "no column 'm'"),
        ("rows", ROWS, [{"n": 1}], "Item is required"),
        ("rows", ROWS, [{"name": ""}], "Item is required"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_cause(
    kind: str, more: dict[str, Any], given: Any, said: str
) -> None:
    with pytest.raises(ValueProblem) as caught:
        parse_value(field(kind, **more), given)
    assert said in caught.value.text.en
    assert caught.value.text.zh


@pytest.mark.parametrize("kind", sorted(set(FieldType) - {FieldType.ROWS}))
def test_what_the_law_protects_is_not_repeated_where_it_does_not_fit(kind: FieldType) -> None:
    """A refusal is written down by jobs, backtests and logs; the value stands in none of them."""
    more: dict[str, Any] = {"choices": {"a": {"zh": "甲", "en": "A"}}} if kind is FieldType.CHOICE else {}
    if kind in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT):
        more = {"minimum": 1, "maximum": 2}
    told = [_told(field(kind, personal=True, **more), given) for given in LAWFUL]
    for said in filter(None, told):
        assert "王五" not in said
        assert "1380" not in said
        assert "个人信息" in said
        assert "personal" in said
    assert any(told)


LAWFUL = ("王五13800138000", "13800138000", "\ud800王五", {"王五": "13800138000"})


def _told(kept: Field, given: Any) -> str:
    """Why a value does not fit, in both languages; nothing where it does."""
    try:
        parse_value(kept, given)
    except ValueProblem as problem:
        return f"{problem.text.zh} / {problem.text.en}"
    return ""


def test_a_choice_without_a_near_one_suggests_nothing() -> None:
    with pytest.raises(ValueProblem) as caught:
        parse_value(field("choice", **CHOICES), "xyz")
    assert "did you mean" not in caught.value.text.en
    assert "是否指" not in caught.value.text.zh


@pytest.mark.parametrize(
    ("given", "zone", "kept"),
    [
        ("2022-12-25 17:00", "Asia/Shanghai", "2022-12-25T09:00:00.000000Z"),
        ("2022-12-25 17:00", None, "2022-12-25T17:00:00.000000Z"),
        ("2022-12-25T17:00+01:00", "Asia/Shanghai", "2022-12-25T16:00:00.000000Z"),
        (datetime(2022, 12, 25, 17, tzinfo=UTC), "Asia/Shanghai", "2022-12-25T17:00:00.000000Z"),
    ],
)
def test_an_instant_without_an_offset_is_read_in_the_zone_of_the_process(
    given: Any, zone: str | None, kept: str
) -> None:
    assert parse_value(field("instant"), given, ZoneInfo(zone) if zone else None) == kept


@pytest.mark.parametrize(
    ("kept", "seen"), [(7, 7.0), ("70.8", 70.8), ({"amount": "7", "unit": "km"}, 7.0), (None, None)]
)
def test_a_guard_sees_a_kept_number_as_a_double(kept: Any, seen: float | None) -> None:
    assert as_number(kept) == seen


def test_cells_of_rows_are_seen_as_fields_are() -> None:
    """Amounts are numbers beside numbers, and what was left empty is not there; a quantity keeps its unit."""
    columns = {
        "amount": {"type": "money", **TITLE},
        "share": {"type": "percent", **TITLE},
        "papers": {"type": "files", **TITLE},
        "length": {"type": "quantity", **TITLE},
    }
    kept = field("rows", columns=columns)
    row = {"amount": "1,200.50", "share": None, "papers": "a.pdf", "length": "7 km"}
    assert seen(kept, parse_value(kept, [row])) == [
        {"amount": 1200.5, "papers": ["a.pdf"], "length": {"amount": "7", "unit": "km"}}
    ]


@pytest.mark.parametrize(("amount", "branch"), [("999.9", "open"), ("1000.1", "done"), (None, "open")])
def test_a_guard_compares_the_cells_of_rows(amount: str | None, branch: str) -> None:
    """As the manual has it: `task.costs.exists(row, row.amount > 1000)`."""
    costs = {"type": "rows", "columns": {"amount": {"type": "money", **TITLE}}, **TITLE}
    when = "task.costs.exists(row, has(row.amount) && row.amount > 1000)"
    close: dict[str, Any] = {"trigger": "close", "from": "open", "by": "office", **TITLE}
    close["to"] = [{"state": "done", "when": when}, {"state": "stay", "otherwise": True}]
    states = {"open": {"initial": True}, "done": {"final": True}}
    life = Life(edition({"states": states, "fields": {"costs": costs}, "transitions": [close]}))
    life.register(day("2022-03-01"), costs=[{"amount": amount}])
    life.fire("close", day("2022-03-02"))
    assert life.family["t"].state == branch
