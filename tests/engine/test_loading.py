"""From text to edition: a good definition compiles, a bad one tells all that is wrong with it, each at its place."""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

from engine.expressions import Kind
from engine.loading import Loaded, load
from engine.problems import Problem

SAMPLE = Path(__file__).with_name("loading_sample.yaml").read_text(encoding="utf-8")


def _with(*changes: tuple[str, str]) -> str:
    text = SAMPLE
    for old, new in changes:
        assert old in text, f"the sample has no {old!r}"
        text = text.replace(old, new, 1)
    return text


def _errors(*changes: tuple[str, str]) -> list[Problem]:
    loaded = load(_with(*changes))
    assert loaded.edition is None
    return [problem for problem in loaded.problems if problem.severity == "error"]


def _pointed_at(problem: Problem, text: str) -> str:
    """What stands in the text where a problem points."""
    return text.splitlines()[problem.where.line - 1][problem.where.column - 1 :]


def test_a_good_definition_becomes_an_edition_without_problems() -> None:
    loaded = load(SAMPLE, "p.yaml")
    assert loaded.problems == []
    assert loaded.edition is not None
    assert loaded.edition.name == "promises@2022.1"
    assert loaded.edition.digest == sha256(SAMPLE.encode()).hexdigest()
    assert list(loaded.edition.sheets) == ["", "interview", "programme"]


def test_every_text_that_a_body_says_is_compiled_into_its_sheet() -> None:
    edition = load(SAMPLE).edition
    assert edition is not None
    sheet = edition.sheets[""]
    assert sheet.expressions["form.percent < planned(form.month)"].kind is Kind.BOOLEAN
    assert sheet.expressions["param.reply_term[task.grade]"].kind is Kind.TEXT
    assert sheet.expressions["state == 'lagging'"].kind is Kind.BOOLEAN, "members are measured in their own language"
    assert set(sheet.terms) == {"3 working days", "20 working days", "60 working days"}
    assert sheet.dates == {"2022-12-25"}
    assert set(edition.sheets["interview"].expressions) == {"state == 'open'", "parent.state == 'rectifying'"}


def test_bytes_load_as_their_text_does() -> None:
    first, second = load(SAMPLE), load(SAMPLE.encode())
    assert first.edition is not None
    assert second.edition is not None
    assert first.edition.digest == second.edition.digest


def test_loading_twice_gives_the_same_order() -> None:
    first, second = load(SAMPLE).edition, load(SAMPLE).edition
    assert first is not None
    assert second is not None
    assert [list(sheet.expressions) for sheet in first.sheets.values()] == [
        list(sheet.expressions) for sheet in second.sheets.values()
    ]


@pytest.mark.parametrize(
    ("change", "clock"),
    [
        (("", ""), "month"),
        (("planned(last_month) - task.percent", "double(10) - task.percent"), "none"),
        (("planned(last_month) - task.percent", "'days(today, today)'"), "day"),
        (("measure.behind > 0", "fired_within('report', '30 days') == 0"), "day"),
    ],
)
def test_the_light_keeps_the_finest_clock_that_any_of_its_rules_or_measures_needs(
    change: tuple[str, str], clock: str
) -> None:
    edition = load(_with(change)).edition
    assert edition is not None
    assert edition.sheets[""].clock == clock


TEN_FAULTS = (
    ("calendar: cn", "calendar: cn\ncalender: cn"),
    ("zh: 调整, en: Amend, ", "zh: 调整, "),
    ("- state: lagging\n", "- state: laging\n"),
    ("    from: lagging\n    by: [office]", "    from: lagging\n    by: [offce]"),
    ("starts: order", "starts: ordr"),
    ("form.percent < planned(form.month)", "form.percent < planned(form.percent)"),
    ("missed('rectification') > 0", "missed('rectification') > patience"),
    ("trigger: correct, zh: 更正", "trigger: extend, zh: 更正"),
    ("[3 working days before]", "[three working days before]"),
    ("lagging: {zh: 滞后, en: Lagging}\n  rectifying", "lagging: {zh: 滞后, en: Lagging, initial: true}\n  rectifying"),
)


def test_ten_faults_of_all_stages_are_told_at_once_each_at_its_place() -> None:
    """Shape, names, terms and expressions: no stage hides another's findings, and none is invented."""
    text = _with(*TEN_FAULTS)
    loaded = load(text, "p.yaml")
    assert loaded.edition is None
    told = [(problem.code, _pointed_at(problem, text)) for problem in loaded.problems]
    expected = [
        ("unknown-key", "calender: cn"),
        ("initial-state", "true}"),
        ("unknown-state", "laging"),
        ("expression", "planned(form.percent)"),
        ("unknown-role", "offce]"),
        ("missing-key", "{trigger: amend"),
        ("duplicate-trigger", "extend, zh"),
        ("bad-term", "three working days"),
        ("unknown-trigger", "ordr"),
        ("expression", "patience"),
    ]
    assert len(told) == len(expected), "\n".join(map(str, loaded.problems))
    for (code, at), (wanted, start) in zip(told, expected, strict=True):
        assert code == wanted
        assert at.startswith(start)


def test_a_misspelt_name_is_answered_with_the_one_that_was_meant() -> None:
    told = {problem.code: problem for problem in load(_with(*TEN_FAULTS)).problems}
    cure = told["unknown-state"].cure
    assert cure is not None
    assert cure.en == "did you mean `lagging`?"
    assert cure.zh == "是否想写 `lagging`？"


FAULTS = {
    each["fault"]: (each["old"], each["new"], each["code"])
    for each in yaml.safe_load(Path(__file__).with_name("loading_faults.yaml").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    """One change to the sound sample gives the problem that names it."""
    old, new, code = FAULTS[fault]
    assert code in {problem.code for problem in _errors((old, new))}


NOISY = {
    "a Python name is no key",
    "no state begins",
    "a role's field is gone",
    "a parameter does not fit its type",
    "two forms give one name two types",
    "a milestone has no such field",
    "a role's unit is no unit",
}


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - NOISY))
def test_one_fault_is_told_once(fault: str) -> None:
    """A fault does not draw other findings after it."""
    old, new, _ = FAULTS[fault]
    assert len(_errors((old, new))) == 1


def test_every_problem_says_what_is_wrong_in_both_languages() -> None:
    for old, new, _ in FAULTS.values():
        for problem in _errors((old, new)):
            assert any("\u4e00" <= character <= "\u9fff" for character in problem.message.zh)
            assert problem.message.en.isascii() or "`" in problem.message.en


def test_a_name_that_was_lost_with_its_faulty_definition_is_not_reported_again() -> None:
    """The author mends the definition of the state; its uses were right."""
    sound = "rectifying: {zh: 限期整改, en: Rectifying}"
    problems = _errors((sound, sound.replace("}", ", intial: [1]}")))
    assert [problem.code for problem in problems] == ["unknown-key"]
    problems = _errors(("percent: {type: percent, default: 0,", "percent: {type: percnt, default: 0,"))
    assert len(problems) == 1


def test_an_expression_that_is_at_fault_in_a_block_is_pointed_at_inside_the_block() -> None:
    block = "when: |\n      task.percent < 50 ||\n      task.pecent > 90\n    to: rectifying"
    plain = "when: missed('monthly_report') >= param.patience || task.percent < 50\n    to: rectifying"
    text = _with((plain, block))
    [problem] = load(text).problems
    assert _pointed_at(problem, text).startswith("task.pecent")


def test_equality_of_computed_decimals_is_a_warning_that_does_not_stop_loading() -> None:
    loaded = load(_with(("measure.behind > 0", "measure.behind == 0")))
    assert loaded.edition is not None
    assert [(problem.code, problem.severity) for problem in loaded.problems] == [("decimal-equality", "warning")]


def test_equality_of_counts_is_no_finding() -> None:
    assert load(_with(("measure.behind > 0", "missed('rectification') == 2"))).problems == []


def test_an_empty_text_and_a_text_that_is_no_yaml_are_problems() -> None:
    for text in ("", "[", "a: [1", "just words", "- 1\n- 2", b"\xff\xfe", "states: {}"):
        loaded = load(text)
        assert loaded.edition is None
        assert loaded.problems


def _many_children() -> str:
    states = "{a: {zh: 甲, en: A, initial: true}, b: {zh: 乙, en: B, final: true}}"
    child = "{zh: 约, en: C, cancelled: b, states: " + states + "}"
    return "\n".join(f"  c{number}: {child}" for number in range(1000))


HOSTILE = {
    "brackets": "[" * 20_000,
    "keys": "\n".join(f"key{number}: x" for number in range(9_000)),
    "faulty transitions": "transitions:\n" + "".join(f"- {{trigger: t{n}, to: [1, 2]}}\n" for n in range(2_000)),
    "a deep guard": _with(("measure.behind > 0", "'" + "(" * 1500 + "true" + ")" * 1500 + "'")),
    "a long guard": _with(("measure.behind > 0", " + ".join(["measure.behind"] * 250) + " > 0")),
    "quantifiers in quantifiers": _with(("measure.behind > 0", "task.helpers.all(a, " * 40 + "true" + ")" * 40)),
    "children": SAMPLE.replace("children:\n", "children:\n" + _many_children() + "\n", 1),
    "guards": SAMPLE.replace("signals:", "signals:\n" + "\n".join(f"  - red: task.percent > {n}" for n in range(4000))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_quickly(name: str) -> None:
    """Under a second on the project's kind of machine; the test allows for a busy one."""
    started = time.process_time()
    loaded = load(HOSTILE[name])
    assert isinstance(loaded, Loaded)
    assert name == "a long guard" or loaded.edition is None
    assert time.process_time() - started < 2


def test_a_text_that_a_comma_has_torn_is_told_to_be_quoted() -> None:
    """Inside `{…}` a comma ends a text, and its rest reads as a key of its own."""
    (line,) = [line for line in SAMPLE.splitlines() if line.startswith("title:")]
    found = _errors((line, "title: {zh: 试, en: One, two and three.}"))
    assert [(each.code, each.cure and each.cure.en) for each in found] == [
        ("unknown-key", "quote the text before it: inside {…} a comma ends a text")
    ]
