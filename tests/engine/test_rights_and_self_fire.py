"""An act may set off another of the same task; a lapsed right binds only the acts that would use it; days end in the
process's own zone.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import advance, decide
from engine.edition import Edition
from engine.loading import load
from engine.task import Family
from tests.engine.walks import ROOT, calendar, edition_of

TEXT = """
process: letters
edition: "1"
title: {zh: 信件, en: Letters}
timezone: Asia/Shanghai
calendar: cn
roles: {office: {zh: 办公室, en: Office}}
fields:
  by_hand: {type: boolean, zh: 当面, en: By hand}
registration:
  by: office
  then: [{fire: receive, on: task, when: task.by_hand}]
states:
  sent: {zh: 已寄, en: Sent, initial: true}
  received: {zh: 已收, en: Received}
  over: {zh: 结束, en: Over, final: true}
transitions:
  - {trigger: receive, zh: 收到, en: Receive, from: sent, by: [office, system], to: received}
  - trigger: appeal
    zh: 申诉
    en: Appeal
    from: any
    by: office
    form: {excuse: {type: text, zh: 理由, en: Excuse}}
    to: over
deadlines:
  appeal:
    zh: 申诉
    en: Appeal
    open_to: office
    starts: registered
    due: 1 day after start
    met_by: {trigger: appeal, when: "!has(form.excuse)"}
"""
OFFICE = Actor("zhang", ("office",))


def at(day: int, hour: int = 4) -> datetime:
    """An instant of March 2022, in UTC."""
    return datetime(2022, 3, day, hour, tzinfo=UTC)


def registered(edition: Edition, by_hand: bool) -> Decision:
    """A letter, on 1 March."""
    command = Register("letter", "", {"by_hand": by_hand}, {}, OFFICE, at(1))
    decision = decide(edition, calendar(), {}, command)
    assert isinstance(decision, Decision)
    return decision


def appealed(edition: Edition, form: dict[str, str]) -> Decision | Refusal:
    """An appeal two days after the right to it has lapsed."""
    family: Family = registered(edition, by_hand=False).family
    family = advance(edition, calendar(), family, at(4)).family
    assert family["letter"].deadlines["appeal/1"]["status"] == "lapsed"
    return decide(edition, calendar(), family, Fire("letter", "appeal", form, OFFICE, at(4)))


def test_a_registration_may_fire_a_trigger_of_the_task_itself() -> None:
    """It follows in the same decision, by the system, and only where its `when` holds."""
    decision = registered(edition_of(TEXT), by_hand=True)
    assert decision.family["letter"].state == "received"
    assert [(event.type.value, event.actor) for event in decision.events][-1] == ("TriggerFired", "system")
    assert registered(edition_of(TEXT), by_hand=False).family["letter"].state == "sent"


@pytest.mark.parametrize(
    ("right", "wrong"), [("fire: receive, on: task", "fire: recieve, on: task"), ("[office, system]", "[office]")]
)
def test_what_a_task_fires_on_itself_has_to_exist_and_to_be_open_to_the_system(right: str, wrong: str) -> None:
    """The same checks as for a trigger fired on a parent or a child."""
    assert right in TEXT
    loaded = load(TEXT.replace(right, wrong), "process.yaml")
    assert loaded.edition is None
    assert loaded.problems


def test_an_act_that_would_use_a_lapsed_right_is_refused() -> None:
    """The refusal names the right and its last day."""
    refusal = appealed(edition_of(TEXT), {})
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts["deadline"], refusal.facts["last_day"]) == (
        "right_lapsed",
        "appeal",
        "2022-03-02",
    )


def test_an_act_that_does_not_use_the_right_is_free_though_it_has_lapsed() -> None:
    """Where the `when` of `met_by` does not hold, the act stands on its own, and the right stays lapsed."""
    decision = appealed(edition_of(TEXT), {"excuse": "a flood"})
    assert isinstance(decision, Decision)
    assert decision.family["letter"].state == "over"
    assert decision.family["letter"].deadlines["appeal/1"]["status"] == "lapsed"


@pytest.mark.parametrize(("hour", "minute", "status"), [(4, 50, "met"), (5, 0, "met_late")])
def test_a_certificate_is_in_time_until_midnight_at_the_area_office(hour: int, minute: int, status: str) -> None:
    """12 July 2026 ends in Chicago at 05:00 UTC of the 13th: by the day of UTC ten minutes before would be late."""
    edition = edition_of((ROOT / "definitions/examples/abatement/process.yaml").read_text(encoding="utf-8"))
    days, fields = calendar("us-federal"), {"hazard": "rail", "severity": "serious", "received_on": "2026-06-01"}
    osha, employer = Actor("osha", ("osha",)), Actor("employer", ("employer",))
    first = Register("rail", "", {**fields, "abate_by": "2026-07-02"}, {}, osha, datetime(2026, 6, 1, 17, tzinfo=UTC))
    cited = decide(edition, days, {}, first)
    assert isinstance(cited, Decision)
    moment = datetime(2026, 7, 13, hour, minute, tzinfo=UTC)
    family = advance(edition, days, cited.family, moment).family
    form = {"fixed_on": "2026-07-10", "method": "a rail", "employees_told": True}
    closed = decide(edition, days, family, Fire("rail", "certify", form, employer, moment))
    assert isinstance(closed, Decision)
    assert closed.family["rail"].deadlines["certificate/1"]["status"] == status
