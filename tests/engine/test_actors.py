"""Who may act, where several roles may: the refusal speaks of the role that the actor holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.commands import Actor, Decision, Fire, Refusal, Register
from engine.decide import decide
from engine.loading import load
from workflows.sources import calendar_named

TEXT = """
process: letters
edition: "1"
title: {zh: 信件, en: Letters}
timezone: Asia/Shanghai
calendar: cn
roles:
  lead: {zh: 牵头单位, en: Lead, unit: task.lead_unit}
  partner: {zh: 配合单位, en: Partner, unit: task.partners}
fields:
  lead_unit: {type: unit, zh: 牵头单位, en: Lead unit}
  partners: {type: units, zh: 配合单位, en: Partners}
registration: {by: anyone}
states:
  sent: {zh: 已寄, en: Sent, initial: true}
  over: {zh: 结束, en: Over, final: true}
transitions:
  - {trigger: close, zh: 结束, en: Close, from: sent, by: [lead, partner], to: over}
"""
FIELDS = {"lead_unit": "A", "partners": ["B"]}
AT = datetime(2022, 3, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (Actor("wang", ("partner",), ("C",)), "wrong_unit"),
        (Actor("wang", ("lead",), ("C",)), "wrong_unit"),
        (Actor("wang", ("citizen",), ("A",)), "wrong_role"),
    ],
)
def test_a_refusal_speaks_of_the_role_that_the_actor_holds(actor: Actor, code: str) -> None:
    """Of several roles that may act, the one that the actor holds says what is wrong; none held: the role is."""
    edition, calendar = load(TEXT).edition, calendar_named("cn")
    assert edition is not None
    entered = decide(edition, calendar, {}, Register("t", "", FIELDS, {}, actor, AT))
    assert isinstance(entered, Decision)
    refused = decide(edition, calendar, entered.family, Fire("t", "close", {}, actor, AT))
    assert isinstance(refused, Refusal)
    assert refused.code == code
