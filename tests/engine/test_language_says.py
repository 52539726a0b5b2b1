"""The language can say it: a scenario for every idea and every wording that published procedures need.

`data/says/` holds small processes, each with the scenarios that show what it says; a scenario's `rules` name the items
of `items.txt` that it shows. An item that no scenario shows, or a scenario that shows what is not listed, fails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.chain import header
from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import advance, decide
from engine.edition import Edition
from engine.model import Field
from engine.problems import ValueProblem
from engine.steps import Step
from engine.task import Family
from engine.values import parse_value
from tests.engine import stage
from tests.engine.walks import calendar
from workflows.authoring.scenarios import Run

SAYS = Path(__file__).parent / "data" / "says"
CN = calendar()
ITEMS = frozenset((SAYS / "items.txt").read_text(encoding="utf-8").split())


def _cases() -> list[Any]:
    found = []
    for file in sorted(SAYS.glob("*.yaml")):
        told = stage.yaml(file.read_text(encoding="utf-8"))
        for number, one in enumerate(told["scenarios"]):
            found.append(pytest.param(told, number, id=f"{file.stem}-{one['scenario']}"))
    return found


CASES = _cases()


@pytest.mark.parametrize(("told", "number"), CASES)
def test_the_language_says_what_published_procedures_say(told: dict[str, Any], number: int) -> None:
    edition, script = stage.edition(told["definition"]), stage.script(told["scenarios"])
    assert script.document is not None
    failures = Run(edition, CN, script.scenarios[number], (number,), script.document).go()
    assert not failures, "\n".join(failure.text("en") for failure in failures)


def test_every_item_is_shown_and_every_scenario_shows_a_listed_one() -> None:
    shown = {item for case in CASES for item in case.values[0]["scenarios"][case.values[1]]["rules"]}
    assert ITEMS - shown == set()
    assert shown - ITEMS == set()


def test_a_scenario_that_expects_what_is_not_so_fails() -> None:
    """The checks above can fail: the same scenario with another due date does not hold."""
    told, number = CASES[0].values
    one = told["scenarios"][number]
    wrong = {**one, "steps": [{"at": "2022-12-01 00:00", "expect": {"state": "nowhere"}}]}
    script = stage.script([wrong])
    assert script.document is not None
    assert Run(stage.edition(told["definition"]), CN, script.scenarios[0], (0,), script.document).go()


# -- what no scenario file can ask: outages, twins, values, protected fields, and why a date is what it is

ZONE = ZoneInfo("Asia/Shanghai")
OFFICE = Actor("zhang", ("office",))
OPEN_AND_DONE = {"open": {"initial": True}, "done": {"final": True}}


def _registered(edition: Edition, at: datetime, **fields: Any) -> Family:
    decision = decide(edition, CN, {}, Register("t", "", fields, {}, OFFICE, at))
    assert isinstance(decision, Decision), decision
    return decision.family


def _weekly(catch_up: str) -> Edition:
    return stage.edition(
        {
            "states": OPEN_AND_DONE,
            "transitions": [{"trigger": "miss", "from": "any", "by": "system", "to": "stay"}],
            "deadlines": {
                "weekly": {"owed_by": "lead", "while": "open", "every": {"weekday": "mon"}, "catch_up": catch_up}
                | ({"missed": {"fire": "miss"}} if catch_up == "each" else {})
            },
        }
    )


@pytest.mark.parametrize(
    ("catch_up", "statuses"),
    [
        ("each", ["missed", "missed", "missed", "running"]),
        ("latest", ["cancelled", "cancelled", "missed", "running"]),
        ("none", ["cancelled", "cancelled", "cancelled", "running"]),
    ],
)
def test_an_outage_brings_each_missed_occurrence_the_latest_or_none(catch_up: str, statuses: list[str]) -> None:
    edition = _weekly(catch_up)
    family = _registered(edition, datetime(2022, 6, 1, 9, tzinfo=ZONE))
    family = advance(edition, CN, family, datetime(2022, 6, 24, 9, tzinfo=ZONE)).family
    assert [one["status"] for one in family["t"].deadlines.values()] == statuses


@pytest.mark.parametrize("catch_up", ["each", "latest", "none"])
def test_without_an_outage_nothing_is_passed_over(catch_up: str) -> None:
    edition, now = _weekly(catch_up), datetime(2022, 6, 1, 9, tzinfo=ZONE)
    family = _registered(edition, now)
    for _ in range(23):
        now += timedelta(days=1)
        family = advance(edition, CN, family, now).family
    assert [one["status"] for one in family["t"].deadlines.values()] == ["missed", "missed", "missed", "running"]


@pytest.mark.parametrize("among", ["open", "ever"])
def test_what_is_unique_among_open_tasks_or_ever_is_refused_as_a_twin(among: str) -> None:
    unique = {"by": "office", "unique": ["number"], "among": among}
    fields = {"number": {"type": "text", "required": True}}
    edition = stage.edition({"registration": unique, "fields": fields, "states": OPEN_AND_DONE})
    assert edition.process.registration.among == among
    command = Register("t2", "", {"number": "7"}, {}, OFFICE, datetime(2022, 6, 1, 9, tzinfo=ZONE), twin="t1")
    assert decide(edition, CN, {}, command) == Refusal("twin", {"fields": ["number"], "twin": "t1"})


TITLES = {"zh": "项", "en": "Item"}
CHOICES = {"red": {"zh": "红", "en": "Red"}, "green": {"zh": "绿", "en": "Green"}}
COLUMNS = {"unit": {"type": "unit", "required": True, **TITLES}, "km": {"type": "decimal", **TITLES}}


@pytest.mark.parametrize(
    ("rule", "given", "kept"),
    [
        ({"type": "text"}, " 路灯 ", "路灯"),
        ({"type": "choice", "choices": CHOICES}, "红", "red"),
        ({"type": "boolean"}, "是", True),
        ({"type": "integer"}, "1,200", 1200),
        ({"type": "decimal"}, "70.80", "70.8"),
        ({"type": "quantity", "unit": "km"}, "7.5", {"amount": "7.5", "unit": "km"}),
        ({"type": "quantity"}, "7.5 公里", {"amount": "7.5", "unit": "公里"}),
        ({"type": "money"}, "1,000,000.10", "1000000.1"),
        ({"type": "percent"}, "70.8%", "70.8"),
        ({"type": "percent"}, 120, "120"),
        ({"type": "date"}, "2024年2月29日", "2024-02-29"),
        ({"type": "instant"}, "2022-12-25 17:00", "2022-12-25T09:00:00.000000Z"),
        ({"type": "month"}, "2022年3月", "2022-03"),
        ({"type": "term"}, "10个工作日", "10 working days"),
        ({"type": "unit"}, "市城管局", "市城管局"),
        ({"type": "units"}, "甲局、乙局；丙局", ["甲局", "乙局", "丙局"]),
        ({"type": "person"}, "zhang", "zhang"),
        ({"type": "files"}, "a.docx;b.pdf", [{"name": "a.docx"}, {"name": "b.pdf"}]),
        ({"type": "rows", "columns": COLUMNS}, [{"unit": "甲局", "km": 1.5}], [{"unit": "甲局", "km": "1.5"}]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 3, 3),
        ({"type": "date"}, "", None),
    ],
)
def test_every_type_of_field_keeps_what_fits_it(rule: dict[str, Any], given: Any, kept: Any) -> None:
    assert parse_value(Field.model_validate({**rule, **TITLES}), given, ZONE) == kept


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ({"type": "text"}, ["路灯"]),
        ({"type": "choice", "choices": CHOICES}, "blue"),
        ({"type": "boolean"}, "maybe"),
        ({"type": "integer"}, "1.5"),
        ({"type": "integer"}, True),
        ({"type": "decimal"}, "many"),
        ({"type": "decimal"}, "NaN"),
        ({"type": "decimal"}, "1e400"),
        ({"type": "quantity", "unit": "km"}, "7 miles"),
        ({"type": "quantity"}, "long"),
        ({"type": "money"}, "Infinity"),
        ({"type": "percent"}, "-1"),
        ({"type": "date"}, "2022-02-30"),
        ({"type": "date"}, "tomorrow"),
        ({"type": "instant"}, "noon"),
        ({"type": "month"}, "2022-13"),
        ({"type": "term"}, "soon"),
        ({"type": "unit"}, {"name": "x"}),
        ({"type": "person"}, ["a"]),
        ({"type": "units"}, 5),
        ({"type": "units"}, [{"name": "甲局"}]),
        ({"type": "files"}, [5]),
        ({"type": "files"}, [{"sha256": "0"}]),
        ({"type": "rows", "columns": COLUMNS}, "甲局"),
        ({"type": "rows", "columns": COLUMNS}, [{"unit": "", "km": 1}]),
        ({"type": "rows", "columns": COLUMNS}, [{"unit": "甲局", "miles": 1}]),
        ({"type": "rows", "columns": COLUMNS}, [{"unit": "甲局", "km": "far"}]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 4),
    ],
)
def test_every_type_of_field_refuses_what_does_not_fit(rule: dict[str, Any], given: Any) -> None:
    with pytest.raises(ValueProblem):
        parse_value(Field.model_validate({**rule, **TITLES}), given, ZONE)


def test_a_personal_field_stands_in_no_header_no_operand_and_no_start_of_a_deadline() -> None:
    edition = stage.edition(
        {
            "fields": {"caller": {"type": "text", "personal": True}},
            "states": OPEN_AND_DONE,
            "transitions": [
                {
                    "trigger": "call",
                    "from": "open",
                    "by": "office",
                    "to": "stay",
                    "form": {
                        "phone": {"type": "text", "personal": True},
                        "day": {"type": "date", "required": True},
                    },
                    "set": {"caller": "form.phone"},
                    "when": "form.day > '2022-01-01'",
                }
            ],
            "deadlines": {"back": {"owed_by": "lead", "starts": "call", "due": "3 days after form.day"}},
            "signals": [{"green": True}],
        }
    )
    assert edition.sheets[""].personal == {"caller", "phone"}
    now = datetime(2022, 6, 1, 9, tzinfo=ZONE)
    family = _registered(edition, now, caller="138-SECRET")
    form = {"phone": "138-SECRET", "day": "2022-06-02"}
    decision = decide(edition, CN, family, Fire("t", "call", form, OFFICE, now + timedelta(minutes=1)))
    assert isinstance(decision, Decision), decision
    assert len(decision.events) == 2
    for event in decision.events:
        kept = {path: value for path, value in event.payload.items() if path not in ("form", "set")}
        assert "138-SECRET" not in header(event, "now") + repr(kept)
    assert "138-SECRET" in repr([event.payload for event in decision.events])


def test_a_guard_that_reads_a_personal_field_is_refused_before_it_runs() -> None:
    """Operands are kept for ever, so what the law protects never becomes one."""
    parts = {
        "fields": {"caller": {"type": "text", "personal": True}},
        "states": OPEN_AND_DONE,
        "transitions": [{"trigger": "x", "from": "open", "by": "office", "to": "stay", "when": "task.caller == 'a'"}],
    }
    with pytest.raises(AssertionError, match="caller"):
        stage.edition(parts)


@pytest.mark.parametrize("lawful", [True, False])
def test_a_table_with_a_personal_column_is_copied_only_where_its_column_is_personal_too(lawful: bool) -> None:
    """One value that the law protects among many is as protected as one that stands alone."""

    def callers(personal: bool) -> dict[str, Any]:
        phone = {"type": "text", "zh": "电话", "en": "Phone", "personal": personal}
        return {"type": "rows", "columns": {"phone": phone}}

    parts = {
        "fields": {"callers": callers(lawful)},
        "states": OPEN_AND_DONE,
        "transitions": [
            {
                "trigger": "call",
                "from": "open",
                "by": "office",
                "to": "stay",
                "form": {"told": callers(True)},
                "set": {"callers": "form.told"},
            }
        ],
    }
    if lawful:
        stage.edition(parts)
    else:
        with pytest.raises(AssertionError, match=r"form\.told.*is personal"):
            stage.edition(parts)


@pytest.mark.parametrize("lawful", [(True, False), (False, True)])
def test_what_one_form_protects_is_protected_whatever_another_says_of_the_name(lawful: tuple[bool, bool]) -> None:
    """Forms share their names: the last one that has it decides nothing for the others."""
    acts = [
        {
            "trigger": trigger,
            "from": "open",
            "by": "office",
            "to": "stay",
            "form": {"phone": {"type": "text", "zh": "电话", "en": "Phone", "personal": personal}},
            "set": {"called": "form.phone"},
        }
        for trigger, personal in zip(("call", "visit"), lawful, strict=True)
    ]
    parts = {"fields": {"called": {"type": "text"}}, "states": OPEN_AND_DONE, "transitions": acts}
    with pytest.raises(AssertionError, match=r"form\.phone.*is personal"):
        stage.edition(parts)


def test_a_date_says_why_it_is_that_date() -> None:
    """Anchor, term with the days closed and worked, and the pause; each step is a sentence in both languages."""
    edition = stage.edition(
        {
            "states": OPEN_AND_DONE,
            "transitions": [
                {"trigger": name, "from": "open", "by": "office", "to": "stay"} for name in ("begin", "halt", "go_on")
            ],
            "deadlines": {
                "reply": {
                    "owed_by": "lead",
                    "starts": "begin",
                    "due": {"term": "3 working days", "after": "start", "roll": "next"},
                    "pause": {"by": "halt", "until": "go_on"},
                }
            },
        }
    )
    now = datetime(2022, 1, 28, 9, tzinfo=ZONE)
    family = _registered(edition, now)
    for days, trigger in ((0, "begin"), (1, "halt"), (2, "go_on")):
        at = now + timedelta(days=days, minutes=1)
        decision = decide(edition, CN, family, Fire("t", trigger, {}, OFFICE, at.astimezone(UTC)))
        assert isinstance(decision, Decision), decision
        family = decision.family
    found = family["t"].deadlines["reply/1"]
    why = [Step(one["rule"], {name: value for name, value in one.items() if name != "rule"}) for one in found["why"]]
    assert [step.rule for step in why] == ["anchor", "pause", "term"]
    told = {name: value for step in why for name, value in step.facts.items()}
    assert told["skipped"] == 1
    assert told["worked"] == ["2022-01-29", "2022-01-30"]
    assert told["closed"][0] == "2022-01-31"
    assert found["last_day"] == told["to"] == "2022-02-08"
