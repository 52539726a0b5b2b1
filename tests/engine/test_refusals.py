"""A refusal is an answer: each code has a sentence with its reason and its cure, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.commands import Refusal
from engine.edition import Edition
from engine.loading import load
from engine.problems import Language
from engine.refusal_sayings import SAYINGS
from engine.refusals import cure, plainly, say

ENGINE = Path(__file__).resolve().parent.parent.parent / "engine"
SAMPLE = Path(__file__).with_name("loading_sample.yaml").read_text(encoding="utf-8")
HAN = re.compile(r"[\u4e00-\u9fff]")
RAISERS = {"Refused": 0, "read_form": 3}
"""Calls that name a code, and where among their arguments it stands."""


def _codes(source: str) -> Iterator[str]:
    """Every code in a module: literal, or an f-string whose one gap is filled from the names in a tuple beside it."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "__init__" and ast.unparse(node.func) == "super().__init__" and node.keywords:
            name = "Refused"
        if name not in RAISERS or len(node.args) <= RAISERS[name]:
            continue
        code = node.args[RAISERS[name]]
        if isinstance(code, ast.Constant):
            yield str(code.value)
        elif isinstance(code, ast.JoinedStr):
            prefix = str(code.values[0].value)  # type: ignore[attr-defined]  # `f"window_{side}"` begins with text
            sides = next(
                loop.iter
                for loop in ast.walk(tree)
                if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name) and loop.target.id == "side"
            )
            yield from (prefix + str(side.value) for side in sides.elts)  # type: ignore[attr-defined]  # a tuple
        elif not (isinstance(code, ast.Name) and code.id == "code"):
            raise AssertionError(f"a code that this test cannot read: {ast.unparse(node)}")


CODES = sorted({code for path in ENGINE.rglob("*.py") for code in _codes(path.read_text(encoding="utf-8"))} | {"form"})

FACTS = {
    "role": "lead",
    "roles": ["office"],
    "may": ["office"],
    "units": ["市城管局"],
    "held": [],
    "person": "zhang",
    "task": "promises-01",
    "trigger": "order",
    "triggers": ["order", "fail"],
    "known": ["report", "lagging"],
    "kind": "talk",
    "near": None,
    "began_at": "2022-01-01T00:00:00.000000Z",
    "state": "planned",
    "sources": ["lagging"],
    "possible": ["report"],
    "titles": {},
    "seen": 3,
    "now": 4,
    "children": ["promises-01.interview.1"],
    "day": "2022-03-01",
    "deadline": "monthly_report",
    "place": "reason",
    "last_day": "2022-02-28",
    "stated": None,
    "at_most": 1,
    "cap": "5 working days",
    "used": 0,
    "asked": "6 working days",
    "occurred_at": "2022-03-01T00:00:00Z",
    "problems": [{"field": "percent", "zh": "“累计进度”必填", "en": "Progress is required", "near": None}],
    "fields": ["title"],
    "twin": "promises-02",
    "operands": {"form.percent": 12.0, "planned('2022-03')": 30.0},
    "guard": "form.percent >= planned('2022-03')",
    "error": "no such key",
    "said": None,
    "zh": "应为 0 到 100",
    "en": "it is 0 to 100",
    "edition": "dalian-livelihood@2022.1",
    "field": "percent",
    "migration": "m-1",
    "policy": "keep",
    "since": "2022-03-01",
    "to": "lagging",
}


@pytest.fixture(scope="module")
def edition() -> Edition:
    found = load(SAMPLE).edition
    assert found is not None
    return found


def test_the_codes_are_found() -> None:
    """The scan sees literal codes, those made of parts, those of a subclass, and those handed to a reader of forms."""
    assert {"wrong_role", "guard", "window_after", "unset", "milestones", "fields", "form"} <= set(CODES)
    assert list(_codes("raise Refused('planted', a=1)")) == ["planted"]
    with pytest.raises(AssertionError, match="cannot read"):
        list(_codes("raise Refused(some_name)"))


def test_a_code_without_a_sentence_would_be_seen() -> None:
    assert [code for code in [*CODES, "planted"] if code not in SAYINGS] == ["planted"]


def test_a_sentence_without_a_code_is_gone() -> None:
    """No sentence outlives the rule that it speaks of."""
    variants = {"wrong_role_none", "unknown_trigger_near", "right_lapsed_stated", "guard_said"}
    assert set(SAYINGS) - variants == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_with_a_cure_in_both_languages(code: str, edition: Edition) -> None:
    refusal = Refusal(code, FACTS)
    zh, en = say(refusal, edition, "zh"), say(refusal, edition, "en")
    assert HAN.search(zh)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert cure(refusal, edition, "zh") in zh
    assert cure(refusal, edition, "en") in en
    assert not HAN.search(en.replace("市城管局", "")), "an English sentence names things in English"


@pytest.mark.parametrize(
    ("refusal", "lang", "said"),
    [
        (
            Refusal("wrong_role", {"role": "lead", "roles": ["office", "system"]}),
            "zh",
            "这一步只能由牵头单位操作，您的角色是督考办、系统；请由牵头单位操作。",
        ),
        (
            Refusal(
                "wrong_state", {"state": "planned", "trigger": "order", "sources": ["lagging"], "possible": ["report"]}
            ),
            "en",
            "It is Planned; Order rectification starts from Lagging; possible now: report (Report progress).",
        ),
        (
            Refusal("guard", {"trigger": "order", "guard": "g", "said": None, "operands": FACTS["operands"]}),
            "zh",
            "“责令整改”的条件不满足：form.percent = 12, planned('2022-03') = 30；条件是 g。",
        ),
        (
            Refusal(
                "guard",
                {"trigger": "order", "guard": "g", "said": {"zh": "不行", "en": "no"}, "operands": {"state": "done"}},
            ),
            "zh",
            "不行（state = 办结）；条件是 g。",
        ),
        (
            Refusal("form", {"problems": [{"field": "perscent", "zh": "没有这一项", "en": "no", "near": "percent"}]}),
            "zh",
            "perscent：没有这一项（是否想写 percent？）；请改正后再提交。",
        ),
        (
            Refusal("unknown_trigger", {"trigger": "raport", "known": ["report"], "near": "report"}),
            "en",
            "There is no trigger raport; did you mean report (Report progress).",
        ),
        (Refusal("elsewhere", {}), "en", "It was refused (elsewhere); ask the administrator."),
    ],
)
def test_names_are_said_by_their_titles(refusal: Refusal, lang: Language, said: str, edition: Edition) -> None:
    assert say(refusal, edition, lang) == said


def test_without_a_definition_names_stay_as_they_are() -> None:
    assert say(Refusal("wrong_role", {"role": "lead", "roles": []}), None, "en").startswith("Only lead may do this")


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "尚未完成（累计进度 12）。"), ("en", "It is not complete (Progress 12).")]
)
def test_plain_words_leave_the_formula_out(lang: Language, said: str, edition: Edition) -> None:
    """Who works by a definition reads what it says of a guard, and the fields; one without words stands as it is."""
    words = {"zh": "尚未完成。", "en": "it is not complete."}
    facts = {"trigger": "order", "guard": "g", "operands": {"task.percent": 12, "fired('ask')": 0}}
    assert plainly(Refusal("guard", {**facts, "said": words}), edition, lang) == said
    nothing = Refusal("guard", {**facts, "operands": {"fired('ask')": 0}, "said": words})
    assert plainly(nothing, edition, lang) == said.partition("（" if lang == "zh" else " (")[0] + said[-1]
    bare = Refusal("guard", {**facts, "said": None})
    assert plainly(bare, edition, lang) == say(bare, edition, lang)
    assert plainly(Refusal("elsewhere", {}), edition, lang) == say(Refusal("elsewhere", {}), edition, lang)
