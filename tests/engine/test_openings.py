"""A task that is already under way: what it owes is what its opening entry states, and what hangs on no start."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.commands import Actor, Decision, Fire, Opening, Register
from engine.decide import decide
from engine.task import Task
from tests.engine.walks import calendar, edition_of

EDITION = edition_of("""
process: adopted
edition: "1"
title: {zh: 在办, en: Under way}
timezone: Asia/Shanghai
calendar: cn
roles: {office: {zh: 督查室, en: Office}}
registration: {by: office}
states:
  sent: {zh: 已交办, en: Sent, initial: true}
  handling: {zh: 办理中, en: Handling}
  done: {zh: 办结, en: Done, final: true}
transitions:
  - {trigger: sign, zh: 签收, en: Sign, from: sent, by: office, to: handling}
  - {trigger: close, zh: 销号, en: Close, from: any, by: office, to: done}
deadlines:
  sign: {zh: 签收, en: Sign, owed_by: office, starts: registered, due: 1 working day after start, met_by: sign}
  close: {zh: 办结, en: Close, owed_by: office, starts: registered, due: 2022-12-31, met_by: close}
  report: {zh: 月报, en: Report, owed_by: office, while: handling, every: {month_end: true}, met_by: close}
  answer: {zh: 答复, en: Answer, owed_by: office, starts: sign, due: 5 working days after start, met_by: close}
""")
OFFICE = Actor("zhang", ("office",))


def _entered(opening: Opening | None) -> Task:
    at = datetime(2022, 6, 10, 1, tzinfo=UTC)
    outcome = decide(EDITION, calendar(), {}, Register("t", "", {}, {}, OFFICE, at, opening=opening))
    assert isinstance(outcome, Decision)
    return outcome.family["t"]


@pytest.mark.parametrize(
    ("opening", "runs"),
    [
        (None, {"sign/1": "2022-06-13", "close/1": "2022-12-31"}),
        (Opening("handling"), {"close/1": "2022-12-31", "report/2022-06": "2022-06-30"}),
        (
            Opening("handling", {"answer": "2022-06-20", "sign": "2022-06-11"}),
            {"close/1": "2022-12-31", "report/2022-06": "2022-06-30", "answer/1": "2022-06-20", "sign/1": "2022-06-11"},
        ),
    ],
    ids=["a new task", "under way", "under way, with stated days"],
)
def test_an_opening_owes_what_it_states_and_what_hangs_on_no_start(
    opening: Opening | None, runs: dict[str, str]
) -> None:
    found = {name: str(occurrence["last_day"]) for name, occurrence in _entered(opening).deadlines.items()}
    assert found == runs


def test_what_counts_from_a_start_that_is_past_is_not_started_by_a_later_act() -> None:
    outcome = decide(
        EDITION,
        calendar(),
        {},
        Register("t", "", {}, {}, OFFICE, datetime(2022, 6, 10, 1, tzinfo=UTC), opening=Opening("sent")),
    )
    assert isinstance(outcome, Decision)
    signed = decide(
        EDITION, calendar(), outcome.family, Fire("t", "sign", {}, OFFICE, datetime(2022, 6, 13, 1, tzinfo=UTC))
    )
    assert isinstance(signed, Decision)
    assert set(signed.family["t"].deadlines) == {"close/1", "report/2022-06", "answer/1"}


def test_a_day_that_an_opening_states_may_be_written_as_people_do() -> None:
    assert _entered(Opening("handling", {"answer": "2022/6/20"})).deadlines["answer/1"]["last_day"] == "2022-06-20"
