"""A parent waits for its children round by round; what is taken back fires nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import decide
from engine.events import Event, EventType
from engine.task import Family
from tests.engine.walks import calendar, edition_of
from workflows.sentences import sentence

TEXT = """
process: rounds
edition: "1"
title: {zh: 多轮, en: Rounds}
timezone: Asia/Shanghai
calendar: cn
roles: {office: {zh: 督查室, en: Office}}
registration: {by: office}
states:
  open: {zh: 在办, en: Open, initial: true}
  over: {zh: 结束, en: Over, final: true}
transitions:
  - {trigger: ask, zh: 征求, en: Ask, from: open, by: office, to: stay, then: [{open: opinion}]}
  - {trigger: file, zh: 归档, en: File, from: open, by: office, to: stay, then: [{open: paper}]}
  - {trigger: told, zh: 已答, en: Told, from: open, by: system, to: stay}
  - {trigger: correct, zh: 更正, en: Correct, from: any, by: {role: office, not: last.actor}, to: previous}
deadlines:
  works:
    zh: 办理
    en: Works
    owed_by: office
    starts: registered
    due: 20 days after start
    pause: {while_open: opinion}
children:
  paper:
    zh: 材料
    en: Paper
    on_parent_end: keep
    states: {kept: {zh: 在, en: Kept, initial: true}, gone: {zh: 无, en: Gone, final: true}}
    transitions: [{trigger: discard, zh: 销毁, en: Discard, from: kept, by: office, to: gone}]
  opinion:
    zh: 意见
    en: Opinion
    cancelled: dropped
    on_end: {wait_for: WAIT, fire: told}
    states:
      asked: {zh: 已征求, en: Asked, initial: true}
      given: {zh: 已答, en: Given, final: true}
      dropped: {zh: 取消, en: Dropped, final: true}
    transitions:
      - {trigger: give, zh: 答复, en: Give, from: asked, by: office, to: given}
      - {trigger: reopen, zh: 重启, en: Reopen, from: given, by: office, to: asked}
      - {trigger: undo, zh: 更正, en: Undo, from: [asked, given], by: {role: office, not: last.actor}, to: previous}
"""
ZHANG, LI = Actor("zhang", ("office",)), Actor("li", ("office",))
START = datetime(2022, 6, 10, 1, tzinfo=UTC)


class Stage:
    """One task, acted upon minute by minute."""

    def __init__(self, wait_for: str) -> None:
        self.edition, self.minute = edition_of(TEXT.replace("WAIT", wait_for)), 0
        self.family: Family = {}
        self.events: list[Event] = []
        self._take(Register("t", "", {}, {}, ZHANG, START))

    def do(self, trigger: str, task: str = "t", actor: Actor = ZHANG) -> str | None:
        """Fire a trigger; the refusal's code, or None."""
        self.minute += 1
        return self._take(Fire(task, trigger, {}, actor, START + timedelta(minutes=self.minute)))

    def _take(self, command: Register | Fire) -> str | None:
        outcome = decide(self.edition, calendar(), self.family, command)
        if isinstance(outcome, Refusal):
            return outcome.code
        assert isinstance(outcome, Decision)
        self.family = outcome.family
        self.events += outcome.events
        return None

    @property
    def told(self) -> int:
        """How often the parent was told."""
        return len(self.family["t"].fired.get("told", ()))


@pytest.mark.parametrize(("wait_for", "told"), [("any", [1, 1]), ("all", [0, 1]), ("2", [0, 1])])
def test_a_parent_is_told_once_in_each_round(wait_for: str, told: list[int]) -> None:
    stage = Stage(wait_for)
    stage.do("file")  # children of another kind are of no round of theirs
    for number in range(2):
        stage.do("ask")
        stage.do("ask")
        for step, child in enumerate((2 * number + 1, 2 * number + 2)):
            stage.do("give", f"t.opinion.{child}")
            assert stage.told == told[step] + number


def test_a_child_that_is_taken_back_tells_the_parent_nothing_and_its_round_is_over() -> None:
    stage = Stage("any")
    stage.do("ask")
    assert stage.do("correct", actor=LI) is None
    assert stage.told == 0
    assert stage.family["t.opinion.1"].state == "dropped"
    stage.do("ask")
    stage.do("give", "t.opinion.2")
    assert stage.told == 1


def test_what_a_child_has_answered_already_is_not_taken_back() -> None:
    stage = Stage("2")
    stage.do("ask")
    stage.do("give", "t.opinion.1")
    assert stage.do("correct", actor=LI) == "nothing_to_correct"


def test_children_that_are_open_together_are_a_round_and_the_next_ones_are_another() -> None:
    stage = Stage("all")
    for number in range(3):
        stage.do("ask")
        stage.do("ask")
        stage.do("give", f"t.opinion.{2 * number + 1}")
        stage.do("give", f"t.opinion.{2 * number + 2}")
    assert [child["round"] for child in stage.family["t"].children.values()] == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("way", ["reopen", "undo"])
def test_a_parent_waits_anew_for_a_child_that_was_opened_again(way: str) -> None:
    """It is among the open ones, in the round that it belongs to, until it has ended once more."""
    stage = Stage("all")
    stage.do("ask")
    stage.do("ask")
    stage.do("give", "t.opinion.1")
    assert stage.do(way, "t.opinion.1", LI) is None
    opened = stage.events[-1]
    assert (opened.type, opened.task, opened.payload["child"]) == (EventType.CHILD_OPENED, "t", "t.opinion.1")
    assert sentence(opened, stage.edition, "", "en") == "t.opinion.1 opened again: Asked"
    assert sentence(opened, stage.edition, "", "zh") == "子事项 t.opinion.1 重启：“已征求”"
    assert opened.cause == stage.events[-2].ref
    assert stage.family["t"].children["t.opinion.1"] == {
        "kind": "opinion", "state": "asked", "round": 1, "ended": False
    }  # fmt: skip
    stage.do("give", "t.opinion.2")
    assert stage.told == 0
    stage.do("give", "t.opinion.1")
    assert stage.told == 1


def test_what_opens_beside_a_child_that_was_opened_again_joins_its_round() -> None:
    stage = Stage("all")
    for number in (1, 2):
        stage.do("ask")
        stage.do("give", f"t.opinion.{number}")
    stage.do("reopen", "t.opinion.1")
    stage.do("ask")
    assert [child["round"] for child in stage.family["t"].children.values()] == [1, 2, 1]
    stage.do("give", "t.opinion.1")
    assert stage.told == 2
    stage.do("give", "t.opinion.3")
    assert stage.told == 3


def test_what_opens_beside_two_rounds_joins_the_later_one() -> None:
    stage = Stage("all")
    stage.do("ask")
    stage.do("give", "t.opinion.1")
    stage.do("ask")
    stage.do("reopen", "t.opinion.1")
    stage.do("ask")
    assert [child["round"] for child in stage.family["t"].children.values()] == [1, 2, 2]


def test_a_clock_that_stands_while_a_child_is_open_stands_again_when_it_is_opened_again() -> None:
    stage = Stage("all")
    status = []
    for trigger, task in (("ask", "t"), ("give", "t.opinion.1"), ("reopen", "t.opinion.1"), ("give", "t.opinion.1")):
        stage.do(trigger, task)
        status.append(stage.family["t"].deadlines["works/1"]["status"])
    assert status == ["paused", "running", "paused", "running"]
