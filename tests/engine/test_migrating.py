"""Running tasks come under another edition: each policy gives the right date and says why, and nothing is guessed."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.commands import Actor, Decision, Fire, Migrate, Refusal, Register, Revert
from engine.decide import advance, decide, present
from engine.edition import Edition
from engine.events import Event, EventType
from engine.recall import command_of
from engine.steps import explain_all, step_from_json
from engine.task import Family, Occurrence, Task, evolve, replay
from tests.engine import stage
from tests.engine.walks import Walk, calendar, edition_of, random_deadline, random_process, text_of
from workflows.authoring.backtest import backtest

CN = calendar()
ZONE = ZoneInfo("Asia/Shanghai")
OFFICE, LEAD, ADMIN = Actor("zhang", ("office",)), Actor("wang", ("lead",)), Actor("zhao", ("admin",))

DEFINITION = """
states: {open: {initial: true}, lagging: {}, rectifying: {}, escalated: {}, closed: {final: true}}
fields: {title: {type: text, required: true}, note: {type: text, default: none}}
transitions:
  - {trigger: order, from: [open, lagging], by: office, to: rectifying,
     then: [{open: interview, when: "task.note == 'ask'"}], form: {until: {type: date}}}
  - {trigger: accept, from: rectifying, by: office, to: open}
  - {trigger: suspend, from: any, by: office, to: stay}
  - {trigger: resume, from: any, by: office, to: stay}
  - {trigger: grant, from: any, by: office, to: stay}
  - {trigger: warn, from: open, by: office, to: lagging}
  - {trigger: fail, from: any, by: [office, system], to: escalated}
  - {trigger: close, from: any, by: office, to: closed}
deadlines:
  rectification: {owed_by: lead, starts: order, due: 20 working days after start, met_by: accept, missed: {fire: fail},
    remind: [5 working days before], pause: {by: suspend, until: resume},
    extend: {by: grant, up_to: 10 working days, amount: "5.0"}}
  monthly: {owed_by: lead, while: [open, lagging, rectifying], every: {month_end: true}, met_by: warn}
children:
  interview:
    cancelled: done
    states: {held: {initial: true}, done: {final: true}}
    transitions: [{trigger: finish, from: held, by: office, to: done}]
    deadlines: {minutes: {owed_by: lead, starts: registered, due: 5 working days after start, met_by: finish}}
signals: [{red: "state == 'escalated'"}, {green: true}]
"""


def _edition(name: str = "1", **changed: str) -> Edition:
    """The process under an edition, with texts exchanged (`old=new` as `{old: new}`)."""
    text = DEFINITION
    for old, new in changed.items():
        assert old in text, old
        text = text.replace(old, new)
    return stage.edition({**stage.yaml(text), "edition": name})


def _exchanged(name: str, *pairs: tuple[str, str]) -> Edition:
    return _edition(name, **dict(pairs))


OLD = _edition()
SHORTER = _exchanged("2", ("due: 20 working days after start", "due: 10 working days after start"))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


class Story:
    """One family that lives on, with all its events."""

    def __init__(self, edition: Edition = OLD, at: str = "2023-04-03T09:00", note: str = "") -> None:
        self.edition, self.family, self.events = edition, dict[str, Task](), list[Event]()
        fields = {"title": "桥梁", **({"note": note} if note else {})}
        self.take(Register("t", "", fields, {}, OFFICE, _at(at)))

    def take(self, command: Any, edition: Edition | None = None) -> Refusal | Decision:
        outcome = decide(edition or self.edition, CN, self.family, command)
        if isinstance(outcome, Decision):
            self.edition = edition or self.edition
            self.events += outcome.events
            self.family = dict(outcome.family)
        return outcome

    def until(self, at: str) -> None:
        passed = advance(self.edition, CN, self.family, _at(at))
        self.events += passed.events
        self.family = dict(passed.family)

    def fire(self, trigger: str, at: str, **form: Any) -> None:
        self.until(at)
        outcome = self.take(Fire("t", trigger, form, OFFICE, present(self.family, _at(at))))
        assert isinstance(outcome, Decision), outcome

    def migrate(self, to: Edition, at: str, **rules: Any) -> Refusal | Decision:
        self.until(at)
        command = Migrate("t", "m1", self.edition, {"": rules}, "新规定", ADMIN, present(self.family, _at(at)))
        return self.take(command, to)

    def revert(self, to: Edition, at: str, migration: str = "m1") -> Refusal | Decision:
        self.until(at)
        return self.take(Revert("t", migration, "改错了", ADMIN, present(self.family, _at(at))), to)

    def one(self, name: str = "rectification") -> Occurrence:
        return [each for each in self.family["t"].deadlines.values() if each["name"] == name][-1]

    def reproduced(self, *editions: Edition) -> None:
        """Replayed and backtested, the history is what it was."""
        for task, live in self.family.items():
            assert replay([event for event in self.events if event.task == task]) == live
        known = {each.digest: each for each in editions}
        assert backtest(editions[0], CN, self.events, editions=known.get) is None


def _ordered(note: str = "") -> Story:
    """An order of rectification on 4 April 2023: twenty working days, until 5 May."""
    story = Story(note=note)
    story.fire("order", "2023-04-04T10:00")
    assert story.one()["last_day"] == "2023-05-05"
    return story


def _why(one: Occurrence, lang: str = "en") -> str:
    return " | ".join(explain_all(map(step_from_json, one["why"]), lang))


def _refused(answer: Refusal | Decision) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


@pytest.mark.parametrize(
    ("policy", "last_day", "said"),
    [
        ("keep", "2023-05-05", "goes on by says@1, under which it began"),
        ("start_anew", "2023-04-24", "10 working days from 2023-04-11"),
        ("re_anchor", "2023-04-19", "10 working days from 2023-04-04"),
    ],
)
def test_a_shorter_term_for_a_running_rectification(policy: str, last_day: str, said: str) -> None:
    """Twenty working days become ten on 11 April: each policy has its date, and the date says why."""
    story = _ordered()
    made = story.migrate(SHORTER, "2023-04-11T09:00", deadlines={"rectification": {"policy": policy}})
    assert isinstance(made, Decision), made
    assert (story.one()["last_day"], story.one()["status"]) == (last_day, "running")
    assert said in _why(story.one())
    first, moved = made.events[0], made.events[-1]
    assert (first.type, first.edition, first.actor) == (EventType.TASK_MIGRATED, "says@2", "zhao")
    assert (moved.type, moved.payload["policy"]) == (EventType.DEADLINE_MOVED, policy)
    assert story.family["t"].under == {"since": first.payload["command"]["at"], "was": "says@1", "migration": "m1"}
    story.reproduced(OLD, SHORTER)
    story.until(f"{last_day}T23:00")
    assert story.family["t"].state == "rectifying"
    story.until("2023-05-06T09:00")
    assert story.family["t"].state == "escalated"
    story.reproduced(OLD, SHORTER)


def test_dropped_it_is_owed_no_more() -> None:
    story = _ordered()
    made = story.migrate(SHORTER, "2023-04-11T09:00", deadlines={"rectification": {"policy": "drop"}})
    assert isinstance(made, Decision)
    assert (made.events[-1].type, story.one()["status"]) == (EventType.DEADLINE_CANCELLED, "cancelled")
    story.until("2023-06-01T09:00")
    assert story.family["t"].state == "rectifying"
    story.reproduced(OLD, SHORTER)


def test_a_date_that_would_be_over_is_refused_or_goes_by_the_other_policy() -> None:
    late = "2023-04-25T09:00"
    story = _ordered()
    rule = {"policy": "re_anchor"}
    answer = story.migrate(SHORTER, late, deadlines={"rectification": rule})
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["last_day"]) == ("migrate_over", "2023-04-19")
    assert story.family["t"].edition == "says@1"
    for policy, day in (("keep", "2023-05-05"), ("start_anew", "2023-05-11")):
        story = _ordered()
        assert isinstance(
            story.migrate(SHORTER, late, deadlines={"rectification": {**rule, "if_over": policy}}), Decision
        )
        assert story.one()["last_day"] == day
    story = _ordered()
    assert isinstance(story.migrate(SHORTER, late, deadlines={"rectification": {**rule, "if_over": "drop"}}), Decision)
    assert story.one()["status"] == "cancelled"


def test_a_kept_date_is_paused_extended_and_counted_on_as_before() -> None:
    """What goes on by the old rule goes on whole: the twenty days, with what stops and lengthens them."""
    moved, stayed = _ordered(), _ordered()
    assert isinstance(moved.migrate(SHORTER, "2023-04-11T09:00"), Decision)
    for story in (moved, stayed):
        story.fire("suspend", "2023-04-12T09:00")
        story.fire("resume", "2023-04-17T09:00")
        story.fire("grant", "2023-04-18T09:00")
    assert moved.one()["last_day"] == stayed.one()["last_day"] == "2023-05-16"
    assert moved.one()["why"][:-1] == stayed.one()["why"]
    moved.reproduced(OLD, SHORTER)


@pytest.mark.parametrize(
    ("policy", "resumed"), [("keep", "2023-05-09"), ("re_anchor", "2023-04-23"), ("start_anew", "2023-04-28")]
)
def test_a_clock_that_stands_goes_on_standing(policy: str, resumed: str) -> None:
    """Suspended on 12 April and moved on the 13th; what it comes to is seen when it is resumed, on the 17th."""
    story = _ordered()
    story.fire("suspend", "2023-04-12T09:00")
    made = story.migrate(SHORTER, "2023-04-13T09:00", deadlines={"rectification": {"policy": policy}})
    assert isinstance(made, Decision), made
    assert (story.one()["status"], story.one()["due_at"]) == ("paused", None)
    story.fire("resume", "2023-04-17T09:00")
    assert (story.one()["status"], story.one()["last_day"]) == ("running", resumed)
    story.reproduced(OLD, SHORTER)


def test_an_extension_counts_where_the_new_rule_takes_the_old_anchor() -> None:
    story = _ordered()
    story.fire("grant", "2023-04-10T09:00")
    assert story.one()["last_day"] == "2023-05-11"
    made = story.migrate(SHORTER, "2023-04-11T09:00", deadlines={"rectification": {"policy": "re_anchor"}})
    assert isinstance(made, Decision)
    assert story.one()["last_day"] == "2023-04-25"  # ten days and the five that were granted; 23 April is worked
    story.reproduced(OLD, SHORTER)


def test_a_state_that_vanished_needs_a_place_and_never_an_end() -> None:
    gone = _exchanged("2", ("lagging: {}, ", ""), (", lagging]", "]"), ("lagging, ", ""), ("to: lagging", "to: stay"))
    story = Story()
    story.fire("warn", "2023-04-04T10:00")
    assert _refused(story.migrate(gone, "2023-04-05T09:00")) == "migrate_state"
    assert _refused(story.migrate(gone, "2023-04-05T09:00", states={"lagging": "?"})) == "migrate_state"
    assert _refused(story.migrate(gone, "2023-04-05T09:00", states={"lagging": "closed"})) == "migrate_final"
    assert isinstance(story.migrate(gone, "2023-04-05T09:00", states={"lagging": "escalated"}), Decision)
    task = story.family["t"]
    assert (task.state, task.signal, story.one("monthly")["status"]) == ("escalated", "red", "cancelled")
    story.reproduced(OLD, gone)


def test_a_new_required_field_needs_a_value() -> None:
    asks = _exchanged(
        "2",
        ("note: {type: text, default: none}", "phone: {type: text, required: true}, name: {type: text}"),
        ("when: \"task.note == 'ask'\"", "when: \"task.name == 'ask'\""),
    )
    story = Story(note="by hand")
    assert _refused(story.migrate(asks, "2023-04-05T09:00")) == "migrate_field"
    made = story.migrate(asks, "2023-04-05T09:00", fields={"phone": {"value": "12345"}, "name": {"from": "note"}})
    assert isinstance(made, Decision), made
    assert story.family["t"].fields == {"title": "桥梁", "phone": "12345", "name": "by hand"}
    story.reproduced(OLD, asks)


def test_a_value_that_does_not_fit_is_named() -> None:
    counted = _exchanged(
        "2",
        ("note: {type: text, default: none}", "note: {type: integer, default: 0}"),
        ("task.note == 'ask'", "task.note == 1"),
    )
    answer = Story(note="some").migrate(counted, "2023-04-05T09:00")
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["field"]) == ("migrate_value", "note")


@pytest.mark.parametrize("lawful", [", personal: true", ""])
def test_why_a_value_does_not_fit_does_not_tell_what_the_law_protects(lawful: str) -> None:
    """A verdict is kept with the job and shown to whoever plans: also where the new edition protects it no more."""
    fields = "note: {type: text, default: none}"
    old = _exchanged("1p", (fields, f"{fields}, phone: {{type: text, personal: true}}"))
    new = _exchanged("2p", (fields, f"{fields}, phone: {{type: integer{lawful}}}"))
    story = Story(old)
    story.family = {}
    story.take(Register("t", "", {"title": "桥梁", "phone": "一三八零零"}, {}, OFFICE, _at("2023-04-03T09:00")))
    answer = story.migrate(new, "2023-04-05T09:00", opened={"phone": "yes"})
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["field"]) == ("migrate_value", "phone")
    assert "一三八" not in str(answer)
    assert "whole number" in answer.facts["en"]


PHONE = "note: {type: text, default: none}"


@pytest.mark.parametrize("fields", [{}, {"contact": {"from": "phone"}}], ids=["by its name", "by another's"])
def test_what_the_law_protects_is_opened_only_where_people_have_said_so(fields: dict[str, Any]) -> None:
    """A task that has such a value does not move before; one without is none of it."""
    name = next(iter(fields), "phone")
    old = _exchanged("1p", (PHONE, f"{PHONE}, phone: {{type: text, personal: true}}"))
    new = _exchanged("2p", (PHONE, f"{PHONE}, {name}: {{type: text}}"))

    def story(**record: str) -> Story:
        told = Story(old)
        told.family, told.events = {}, []
        told.take(Register("t", "", {"title": "桥梁", **record}, {}, OFFICE, _at("2023-04-03T09:00")))
        return told

    def moved(said: dict[str, str]) -> Story | Refusal:
        told = story(phone="13800000000")
        answer = told.migrate(new, "2023-04-05T09:00", fields=fields, opened=said)
        return answer if isinstance(answer, Refusal) else told

    for silent in ({}, {name: "?"}, {"title": "yes"}):
        answer = moved(silent)
        assert isinstance(answer, Refusal)
        assert (answer.code, answer.facts["field"]) == ("migrate_personal", name)
    assert isinstance(story().migrate(new, "2023-04-05T09:00", fields=fields), Decision)
    opened, emptied = moved({name: "yes"}), moved({name: "empty"})
    assert isinstance(opened, Story)
    assert isinstance(emptied, Story)
    assert opened.family["t"].fields[name] == "13800000000"
    assert {"phone", name}.isdisjoint(emptied.family["t"].fields)
    opened.reproduced(old, new)
    emptied.reproduced(old, new)


CALLERS = "callers: {{type: rows, columns: {{phone: {{type: {kind}{lawful}}}}}}}"


def test_a_column_that_the_law_protects_is_opened_only_where_people_have_said_so() -> None:
    """A table is left behind as a whole; why a cell does not fit does not tell what stood in it."""
    old = _exchanged("1p", (PHONE, f"{PHONE}, {CALLERS.format(kind='text', lawful=', personal: true')}"))
    new = _exchanged("2p", (PHONE, f"{PHONE}, {CALLERS.format(kind='text', lawful='')}"))
    number = _exchanged("3p", (PHONE, f"{PHONE}, {CALLERS.format(kind='integer', lawful='')}"))

    def moved(to: Edition, said: dict[str, str]) -> Story | Refusal:
        told = Story(old)
        told.family, told.events = {}, []
        record = {"title": "桥梁", "callers": [{"phone": "一三八零零"}]}
        told.take(Register("t", "", record, {}, OFFICE, _at("2023-04-03T09:00")))
        answer = told.migrate(to, "2023-04-05T09:00", opened=said)
        return answer if isinstance(answer, Refusal) else told

    silent = moved(new, {})
    assert isinstance(silent, Refusal)
    assert (silent.code, silent.facts["field"]) == ("migrate_personal", "callers")
    opened, emptied, misfit = (
        moved(new, {"callers": "yes"}),
        moved(new, {"callers": "empty"}),
        moved(number, {"callers": "yes"}),
    )
    assert isinstance(opened, Story)
    assert isinstance(emptied, Story)
    assert isinstance(misfit, Refusal)
    assert opened.family["t"].fields["callers"] == [{"phone": "一三八零零"}]
    assert not emptied.family["t"].fields.get("callers")
    assert misfit.code == "migrate_value"
    assert "一三八" not in str(misfit)


def _planned(name: str, fields: str) -> Edition:
    """The process with a plan of milestones, whose rows have these fields; the office may rewrite one and undo it."""
    more = (
        "  - {trigger: plan, from: any, by: office, to: stay, form: {month: {type: month}, target: {type: text}},\n"
        "     milestone: {key: form.month, set: {target: form.target}}}\n"
        "  - {trigger: undo, from: any, by: {role: office, not: last.actor}, to: previous}\n"
    )
    return _exchanged(name, ("deadlines:\n", f"{more}milestones: {{fields: {{{fields}}}}}\ndeadlines:\n"))


TARGET = "target: {type: text}"
CALLED = f"{TARGET}, contact: {{type: text, personal: true}}"
TABLE = "target: {type: text}, callers: {type: rows, columns: {phone: {type: text, personal: true}}}"
PLANNED = {"2023-05": {"target": "开工", "contact": "王小明"}, "2023-06": {"target": "竣工"}}


def _with_plan(plan: Mapping[str, Any], fields: str = CALLED) -> Story:
    story = Story(_planned("1p", fields))
    story.family, story.events = {}, []
    story.take(Register("t", "", {"title": "桥梁"}, plan, OFFICE, _at("2023-04-03T09:00")))
    return story


def test_rows_of_a_plan_are_opened_only_where_people_have_said_so() -> None:
    """What is left behind is in no row that anybody writes from then on; taken back, everything is as it was."""
    old, new = _planned("1p", CALLED), _planned("2p", CALLED.replace(", personal: true", ""))
    for silent in ({}, {"contact": "?"}, {"target": "yes"}):
        answer = _with_plan(PLANNED).migrate(new, "2023-04-05T09:00", opened_milestones=silent)
        assert isinstance(answer, Refusal)
        assert (answer.code, answer.facts["field"]) == ("migrate_personal", "contact")
    bare = {"2023-05": {"target": "开工", "contact": ""}}
    assert isinstance(_with_plan(bare).migrate(new, "2023-04-05T09:00"), Decision)
    opened, emptied = _with_plan(PLANNED), _with_plan(PLANNED)
    assert isinstance(opened.migrate(new, "2023-04-05T09:00", opened_milestones={"contact": "yes"}), Decision)
    assert opened.family["t"].milestones == PLANNED
    assert isinstance(emptied.migrate(new, "2023-04-05T09:00", opened_milestones={"contact": "empty"}), Decision)
    assert emptied.family["t"].milestones == {key: {"target": row["target"]} for key, row in PLANNED.items()}
    opened.reproduced(old, new)
    back = _with_plan(PLANNED)
    back.migrate(new, "2023-04-05T09:00", opened_milestones={"contact": "empty"})
    assert isinstance(back.revert(old, "2023-04-06T09:00"), Decision)
    assert back.family["t"].milestones == PLANNED
    emptied.fire("plan", "2023-04-06T09:00", month="2023-05", target="缓建")
    assert "王小明" not in str(emptied.events[-1].payload)
    emptied.reproduced(old, new)


@pytest.mark.parametrize("fields", [TARGET, ""], ids=["without the field", "without a plan"])
def test_what_the_law_protects_in_a_plan_does_not_come_where_nothing_is_known_of_it(fields: str) -> None:
    old, new = _planned("1p", CALLED), _planned("2p", fields) if fields else _edition("2")
    story = _with_plan(PLANNED)
    assert isinstance(story.migrate(new, "2023-04-05T09:00"), Decision)
    assert story.events[-1].task == "t"
    assert story.family["t"].milestones == {key: {"target": row["target"]} for key, row in PLANNED.items()}
    story.reproduced(old, new)


def test_a_personal_column_of_a_table_in_a_plan_is_asked_for_as_well() -> None:
    old, new = _planned("1p", TABLE), _planned("2p", TABLE.replace(", personal: true", ""))
    plan = {"2023-05": {"callers": [{"phone": "一三八零零"}]}}
    answer = _with_plan(plan, TABLE).migrate(new, "2023-04-05T09:00")
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["field"]) == ("migrate_personal", "callers")
    left = _with_plan(plan, TABLE)
    assert isinstance(left.migrate(new, "2023-04-05T09:00", opened_milestones={"callers": "empty"}), Decision)
    assert left.family["t"].milestones == {"2023-05": {}}
    left.reproduced(old, new)


def test_what_is_left_behind_may_be_required_then_and_is_filled() -> None:
    old = _exchanged("1p", (PHONE, f"{PHONE}, phone: {{type: text, personal: true, required: true}}"))
    new = _exchanged("2p", (PHONE, f"{PHONE}, phone: {{type: text, required: true}}"))
    told = Story(old)
    told.family = {}
    told.take(Register("t", "", {"title": "桥梁", "phone": "13800000000"}, {}, OFFICE, _at("2023-04-03T09:00")))
    left = {"opened": {"phone": "empty"}}
    assert _refused(told.migrate(new, "2023-04-05T09:00", **left)) == "migrate_field"
    filled = told.migrate(new, "2023-04-05T09:00", fields={"phone": {"value": "总机"}}, **left)
    assert isinstance(filled, Decision), filled
    assert told.family["t"].fields["phone"] == "总机"


def test_a_deadline_that_vanished_is_dropped_or_goes_on_under_another_name() -> None:
    renamed = _exchanged("2", ("  rectification: {owed_by", "  redress: {owed_by"))
    story = _ordered()
    assert _refused(story.migrate(renamed, "2023-04-11T09:00")) == "migrate_deadline"
    made = story.migrate(renamed, "2023-04-11T09:00", deadlines={"rectification": {"policy": "keep", "to": "redress"}})
    assert isinstance(made, Decision), made
    assert (story.one("redress")["last_day"], "rectification/1" in story.family["t"].deadlines) == ("2023-05-05", False)
    story.fire("accept", "2023-04-12T09:00")
    assert story.one("redress")["status"] == "met"
    story.reproduced(OLD, renamed)


def test_a_deadline_that_is_new_waits_or_starts_as_the_plan_says() -> None:
    more = _exchanged(
        "2",
        (
            "children:",
            "  visit: {owed_by: office, while: [open], due: 3 working days after start, met_by: warn}\nchildren:",
        ),
    )
    for starts, last_day in (({}, []), ({"visit": "start"}, ["2023-04-11"])):
        story = Story()
        assert isinstance(story.migrate(more, "2023-04-06T09:00", starts=starts), Decision)
        found = [each["last_day"] for each in story.family["t"].deadlines.values() if each["name"] == "visit"]
        assert found == last_day
        story.reproduced(OLD, more)


def test_a_family_moves_as_one() -> None:
    """Its open children too; one whose kind vanished holds all of it."""
    story = _ordered(note="ask")
    assert set(story.family) == {"t", "t.interview.1"}
    whole = stage.yaml(DEFINITION)
    acts = [{key: part for key, part in each.items() if key != "then"} for each in whole["transitions"]]
    alone = {name: part for name, part in whole.items() if name != "children"}
    gone = stage.edition({**alone, "edition": "3", "transitions": acts})
    assert _refused(story.migrate(gone, "2023-04-06T09:00")) == "migrate_kind"
    longer = _exchanged("2", ("due: 5 working days after start", "due: 8 working days after start"))
    story.until("2023-04-06T09:00")
    rules = {"interview": {"deadlines": {"minutes": {"policy": "re_anchor"}}}}
    made = story.take(
        Migrate("t", "m1", OLD, rules, "r", ADMIN, present(story.family, _at("2023-04-06T09:00"))), longer
    )
    assert isinstance(made, Decision), made
    assert {task.edition for task in story.family.values()} == {"says@2"}
    (minutes,) = story.family["t.interview.1"].deadlines.values()
    assert minutes["last_day"] == "2023-04-17"
    story.reproduced(OLD, longer)


def test_what_ended_stays_behind_and_says_so() -> None:
    story = _ordered(note="ask")
    story.take(Fire("t.interview.1", "finish", {}, OFFICE, _at("2023-04-05T09:00")))
    assert isinstance(story.migrate(SHORTER, "2023-04-06T09:00"), Decision)
    assert story.family["t.interview.1"].edition == "says@1"
    answer = story.take(Fire("t.interview.1", "finish", {}, OFFICE, _at("2023-04-07T09:00")))
    assert _refused(answer) == "left_behind"


def test_an_order_to_move_is_read_back_from_its_event() -> None:
    story = _ordered()
    made = story.migrate(SHORTER, "2023-04-11T09:00", deadlines={"rectification": {"policy": "keep"}})
    assert isinstance(made, Decision)
    told = command_of(made.events[0], {OLD.digest: OLD}.get)
    assert isinstance(told, Migrate)
    assert (told.old, told.rules, told.reason) == (
        OLD,
        {"": {"deadlines": {"rectification": {"policy": "keep"}}}},
        "新规定",
    )
    with pytest.raises(LookupError):
        command_of(made.events[0])


def test_it_is_done_once_and_not_to_what_has_ended() -> None:
    story = _ordered()
    assert isinstance(story.migrate(SHORTER, "2023-04-11T09:00"), Decision)
    assert _refused(story.migrate(SHORTER, "2023-04-12T09:00")) == "migrated_already"
    story.fire("close", "2023-04-13T09:00")
    assert _refused(story.migrate(OLD, "2023-04-14T09:00")) == "migrate_ended"


# -- and back


def _less_history(task: Task) -> dict[str, Any]:
    told = task.to_json()
    return {name: value for name, value in told.items() if name not in ("seq", "touched_at")}


def test_untouched_it_goes_back_exactly() -> None:
    story = _ordered(note="ask")
    story.fire("suspend", "2023-04-07T09:00")
    before = {name: _less_history(task) for name, task in story.family.items()}
    rules = {"rectification": {"policy": "start_anew"}, "monthly": {"policy": "start_anew"}}
    assert isinstance(story.migrate(SHORTER, "2023-04-10T09:00", deadlines=rules), Decision)
    assert {name: _less_history(task) for name, task in story.family.items()} != before
    made = story.revert(OLD, "2023-04-10T15:00")
    assert isinstance(made, Decision), made
    assert {event.type for event in made.events} == {EventType.TASK_RESTORED}
    assert {name: _less_history(task) for name, task in story.family.items()} == before
    story.reproduced(OLD, SHORTER)
    story.fire("resume", "2023-04-11T09:00")
    story.reproduced(OLD, SHORTER)


def test_what_has_lived_on_does_not_go_back() -> None:
    story = _ordered()
    story.migrate(SHORTER, "2023-04-10T09:00")
    assert _refused(story.revert(OLD, "2023-04-10T10:00", "m2")) == "not_migrated"
    story.fire("suspend", "2023-04-11T09:00")
    assert _refused(story.revert(OLD, "2023-04-12T09:00")) == "lived_on"


def test_what_would_be_over_there_does_not_go_back() -> None:
    """Started anew by a longer rule, its old day goes by; back there it would have been missed meanwhile."""
    longer = _exchanged(
        "2",
        ("due: 20 working days after start", "due: 90 working days after start"),
        ("remind: [5 working days before], ", ""),
    )
    story = _ordered()
    rules = {"rectification": {"policy": "start_anew"}, "monthly": {"policy": "drop"}}
    assert isinstance(story.migrate(longer, "2023-04-10T09:00", deadlines=rules), Decision)
    assert _refused(story.revert(OLD, "2023-05-08T09:00")) == "revert_over"


# -- for every definition


def _renamed(process: Mapping[str, Any]) -> Edition:
    return edition_of(text_of({**process, "edition": "2"}))


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(60))
def test_the_same_text_under_another_name_changes_nothing_but_the_edition(seed: int) -> None:
    """On a random walk: the task is the same, live equals replay, the history is reproduced, and life goes on."""
    rng = random.Random(seed)
    process = random_process(rng)
    walk = Walk(edition_of(text_of(process)), CN, rng)
    first, second = walk.edition, _renamed(process)
    for _ in range(12):
        walk.step()
    if walk.family["r"].ended:
        pytest.skip("the walk is over before anything could be moved")
    before = dict(walk.family)
    policy = rng.choice(["keep", "re_anchor"])
    rules = {
        kind: {"deadlines": {name: {"policy": policy} for name in sheet.body.deadlines}}
        for kind, sheet in first.sheets.items()
    }
    command = Migrate("r", "m1", first, rules, "r", ADMIN, present(walk.family, walk.now))
    made = decide(second, CN, walk.family, command)
    assert isinstance(made, Decision), made
    assert {event.type for event in made.events} == {EventType.TASK_MIGRATED}
    walk.events += made.events
    walk.family, walk.edition = made.family, second
    for name, task in made.family.items():
        same = {"edition", "seq", "touched_at", "under", "way_back", "before"}
        assert {k: v for k, v in task.to_json().items() if k not in same} == {
            k: v for k, v in before[name].to_json().items() if k not in same
        }
    for _ in range(12):
        walk.step()
    _proved(walk.events, walk.family, (first, second))


def _proved(events: list[Event], family: Family, editions: tuple[Edition, Edition]) -> None:
    replayed: dict[str, Task] = {}
    for event in events:
        replayed[event.task] = evolve(replayed.get(event.task), event)
    assert replayed == dict(family)
    reloaded = {name: Task.from_json(json.loads(json.dumps(task.to_json()))) for name, task in family.items()}
    assert reloaded == dict(family)
    assert backtest(editions[0], CN, events, editions={each.digest: each for each in editions}.get) is None


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(60))
def test_any_edition_of_another_text_is_moved_to_or_refused_and_what_moved_is_reproduced(seed: int) -> None:
    """Two random definitions that share their states: whatever the rules, the history proves itself, and back again."""
    rng = random.Random(seed)
    one = random_process(rng)
    names = [each["trigger"] for each in one["transitions"] if each["trigger"].startswith("t")]
    states = [name for name in one["states"] if name != "over"]
    rules = {f"d{n}": random_deadline(rng, names, ["late0", "late1"], states) for n in range(rng.randint(1, 4))}
    second = edition_of(text_of({**one, "edition": "2", "deadlines": rules}))
    walk = Walk(edition_of(text_of(one)), CN, rng)
    for _ in range(10):
        walk.step()
    rule = {"policy": rng.choice(["keep", "start_anew", "re_anchor", "drop"]), "if_over": "drop"}
    rules = {"": {"deadlines": {f"d{n}": rule for n in range(4)}, "starts": {f"d{n}": "start" for n in range(4)}}}
    command = Migrate("r", "m1", walk.edition, rules, "r", ADMIN, present(walk.family, walk.now))
    before, made = dict(walk.family), decide(second, CN, walk.family, command)
    if isinstance(made, Refusal):
        assert made.code.startswith("migrate_")
        return
    walk.events += made.events
    back = decide(walk.edition, CN, made.family, Revert("r", "m1", "r", ADMIN, present(made.family, walk.now)))
    if isinstance(back, Decision):
        for name, task in back.family.items():
            assert _less_history(task) == _less_history(before[name])
    first, walk.family, walk.edition = walk.edition, made.family, second
    for _ in range(10):
        walk.step()
    _proved(walk.events, walk.family, (first, second))


def test_a_deadline_that_would_have_no_date_does_not_move() -> None:
    """The new rule counts from a day that the record does not have."""
    story = Story()
    story.fire("order", "2023-04-04T09:00")
    dated = _exchanged(
        "2",
        ("note: {type: text, default: none}", "note: {type: text, default: none}, by: {type: date}"),
        ("due: 20 working days after start", "due: task.by"),
    )
    refused = story.migrate(dated, "2023-04-05T09:00", deadlines={"rectification": {"policy": "re_anchor"}})
    assert _refused(refused) == "migrate_undated"
