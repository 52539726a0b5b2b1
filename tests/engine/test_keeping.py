"""Texts of a command that no store keeps are refused, wherever people give one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from engine.commands import Actor, Decision, Fire, Migrate, Opening, Origin, Refusal, Register, Reproject, Revert
from engine.decide import decide
from engine.keeping import check
from engine.problems import Language
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


WORDS: Mapping[Language, str] = {
    "zh": "文字中有无法保存的字符",
    "en": "the text has letters that cannot be kept",
}
TABLES = stage.edition(
    stage.yaml("""
    fields:
      title: {type: text}
      lots: {type: rows, columns: {name: {type: text}, units: {type: units}, who: {type: person, personal: true}}}
    milestones: {fields: {lots: {type: rows, columns: {name: {type: text}}}}}
    states: {open: {initial: true}, done: {final: true}}
    transitions:
      - {trigger: tell, from: open, by: office, to: stay, form: {lots: {type: rows, columns: {name: {type: text}}}}}
      - {trigger: close, from: open, by: office, to: done}
    """)
)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("cells", [{"name": "{}"}, {"units": ["甲", "{}"]}, {"who": "{}"}, {"{}": "x"}], ids=str)
def test_a_cell_of_a_table_is_refused_as_a_field_is(cells: dict[str, Any], bad: str) -> None:
    """In a record, a form and a plan alike, by the same words; expressions would take half of it for the whole."""
    row = {key.format(bad): _with(value, bad) for key, value in cells.items()}
    wrong = [decide(TABLES, CN, {}, replace(REGISTER, fields={"title": "路灯", "lots": [{"name": "x"}, row]}))]
    if "who" not in cells and "units" not in cells:
        wrong.append(decide(TABLES, CN, {}, replace(REGISTER, milestones={"2022-06": {"lots": [row]}})))
        registered = decide(TABLES, CN, {}, REGISTER)
        assert isinstance(registered, Decision)
        wrong.append(decide(TABLES, CN, registered.family, replace(FIRE, form={"lots": [row]})))
    plain = decide(TABLES, CN, {}, replace(REGISTER, fields={"title": bad}))
    assert isinstance(plain, Refusal)
    for outcome in wrong:
        assert isinstance(outcome, Refusal)
        for lang, words in WORDS.items():
            assert words in say(outcome, TABLES, lang)
            assert words in say(plain, TABLES, lang)
            assert bad not in say(outcome, TABLES, lang)


def _with(value: Any, bad: str) -> Any:
    return [each.format(bad) for each in value] if isinstance(value, list) else value.format(bad)


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
