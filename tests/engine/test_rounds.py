"""A parent waits for its children round by round; what is taken back fires nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import decide
from engine.task import Family
from tests.engine.walks import calendar, edition_of

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
  - {trigger: told, zh: 已答, en: Told, from: open, by: system, to: stay}
  - {trigger: correct, zh: 更正, en: Correct, from: any, by: {role: office, not: last.actor}, to: previous}
children:
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
"""
ZHANG, LI = Actor("zhang", ("office",)), Actor("li", ("office",))
START = datetime(2022, 6, 10, 1, tzinfo=UTC)


class Stage:
    """One task, acted upon minute by minute."""

    def __init__(self, wait_for: str) -> None:
        self.edition, self.minute = edition_of(TEXT.replace("WAIT", wait_for)), 0
        self.family: Family = {}
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
        return None

    @property
    def told(self) -> int:
        """How often the parent was told."""
        return len(self.family["t"].fired.get("told", ()))


@pytest.mark.parametrize(("wait_for", "told"), [("any", [1, 1]), ("all", [0, 1]), ("2", [0, 1])])
def test_a_parent_is_told_once_in_each_round(wait_for: str, told: list[int]) -> None:
    stage = Stage(wait_for)
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
