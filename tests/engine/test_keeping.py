"""Texts of a command that no store keeps are refused, wherever people give one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from engine.commands import Actor, Decision, Fire, Migrate, Opening, Origin, Refusal, Register, Reproject, Revert
from engine.decide import decide
from engine.keeping import check
from engine.refusals import say
from tests.engine import stage
from tests.engine.walks import ZONE, calendar

CN = calendar()
NOON = datetime(2022, 6, 13, 12, tzinfo=ZONE)
OFFICE = Actor("zhang", ("office",))
BAD = ("a\x00b", "a\ud800b", "a\u202e%001", "a\u2067b")
EDITION = stage.edition(
    stage.yaml("""
    fields: {title: {type: text}}
    milestones: {fields: {planned: {type: percent}}}
    states: {open: {initial: true}, done: {final: true}}
    transitions:
      - {trigger: tell, from: open, by: office, to: stay}
      - {trigger: close, from: open, by: office, to: done}
    """)
)
REGISTER = Register("t", "", {"title": "路灯"}, {}, OFFICE, NOON)
FIRE = Fire("t", "tell", {}, OFFICE, NOON)


def _registrations(bad: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("task", {"task": bad}),
        ("actor", {"actor": Actor(bad, ("office",))}),
        ("key", {"origin": Origin(key=bad)}),
        ("login", {"origin": Origin(login=bad)}),
        ("channel", {"origin": Origin(channel=bad)}),
        ("kind", {"kind": bad}),
        ("part_of", {"part_of": bad}),
        ("fields", {"fields": {bad: 1}}),
        ("milestones", {"milestones": {bad: {}}}),
        ("milestones", {"milestones": {"2022-06": {bad: 1}}}),
        ("state", {"opening": Opening(bad)}),
        ("due", {"opening": Opening("open", {"answer": bad})}),
        ("due", {"opening": Opening("open", {bad: "2022-06-20"})}),
        ("source", {"opening": Opening("open", {}, bad)}),
    ]


def _acts(bad: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("task", {"task": bad}),
        ("actor", {"actor": Actor("zhang", ("office", bad))}),
        ("actor", {"actor": Actor("zhang", ("office",), (bad,))}),
        ("key", {"origin": Origin(key=bad)}),
        ("trigger", {"trigger": bad}),
        ("reason", {"reason": bad}),
        ("form", {"form": {bad: 1}}),
    ]


@pytest.mark.parametrize("bad", BAD)
def test_a_registration_with_letters_that_cannot_be_kept_is_refused(bad: str) -> None:
    assert isinstance(decide(EDITION, CN, {}, REGISTER), Decision)
    for place, change in _registrations(bad):
        _refused(decide(EDITION, CN, {}, replace(REGISTER, **change)), place, bad)


@pytest.mark.parametrize("bad", BAD)
def test_an_act_with_letters_that_cannot_be_kept_is_refused(bad: str) -> None:
    registered = decide(EDITION, CN, {}, REGISTER)
    assert isinstance(registered, Decision)
    assert isinstance(decide(EDITION, CN, registered.family, FIRE), Decision)
    for place, change in _acts(bad):
        _refused(decide(EDITION, CN, registered.family, replace(FIRE, **change)), place, bad)


@pytest.mark.parametrize("bad", BAD)
def test_a_reason_with_letters_that_cannot_be_kept_is_refused_whatever_it_is_for(bad: str) -> None:
    commands: tuple[Reproject | Migrate | Revert, ...] = (
        Reproject("t", "依法", OFFICE, NOON),
        Migrate("t", "m1", EDITION, {}, "依法", OFFICE, NOON),
        Revert("t", "m1", "依法", OFFICE, NOON),
    )
    for command in commands:
        check(command)
        _refused(decide(EDITION, CN, {}, replace(command, reason=bad)), "reason", bad)


def _refused(outcome: Decision | Refusal, place: str, bad: str) -> None:
    """It is said where, in both languages, and the text itself is not said: it cannot be written."""
    assert outcome == Refusal("unkept_text", {"place": place})
    assert isinstance(outcome, Refusal)
    for lang in ("zh", "en"):
        assert bad not in say(outcome, EDITION, lang)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("title", ["{}", "  {}  ", "路灯{}"])
def test_so_are_values_of_fields(bad: str, title: str) -> None:
    """Beside their field; what is only unusual is kept, as are marks that join letters."""
    answer = decide(EDITION, CN, {}, replace(REGISTER, fields={"title": title.format(bad)}))
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.facts["problems"][0]["field"]) == ("fields", "title")
    for kept in ("e\u0301", "女\u200d医", "\u200e100%", "مرحبا"):
        assert isinstance(decide(EDITION, CN, {}, replace(REGISTER, fields={"title": kept})), Decision)
