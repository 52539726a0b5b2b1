"""Whoever writes definitions in Chinese is told in Chinese what is wrong with a guard, and what would be right."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from engine import expressions
from engine.cel import faults, kinds
from engine.checks import chinese
from engine.checks.drafts import __file__ as drafts
from engine.expressions import ExpressionError
from engine.loading import load
from tests.engine.test_loading import _with

MADE = {"ExpressionError", "Misfit"}
STANDING_IN = {"what": "name", "known": "planned(text) or planned(date)"}
"""For parts that are words and no names."""


def _texts(node: ast.AST) -> list[str]:
    """What may be said: a literal as it is, a filled-in one with a stand-in for each part."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(map(_part, node.values))]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return []


def _part(node: ast.expr) -> str:
    choice = node.value if isinstance(node, ast.FormattedValue) else node
    return (
        _texts(choice) if isinstance(choice, ast.Constant | ast.IfExp) else [STANDING_IN.get(ast.unparse(choice), "7")]
    )[0]


def _said(file: str) -> set[str]:
    """Every message and cure that a module gives to an expression's author."""
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and getattr(each.func, "id", "") in MADE]
    found = {text for call in calls for part in call.args for text in _texts(part)}
    for each in ast.walk(tree):
        if isinstance(each, ast.FunctionDef) and each.name.endswith("_cure"):
            found |= {
                text
                for node in ast.walk(each)
                if isinstance(node, ast.Return) and node.value
                for text in _texts(node.value)
            }
        if isinstance(each, ast.Assign) and getattr(each.targets[0], "id", "") in {"cure", "message"}:
            found |= set(_texts(each.value))
    return found


SAID = sorted(
    {
        text
        for file in (faults.__file__, kinds.__file__, expressions.__file__, drafts)
        for text in _said(file)
        if " " in text
    }
)


def test_the_sayings_are_found() -> None:
    assert len(SAID) > 30
    assert "write `==` to compare" in SAID


@pytest.mark.parametrize("said", SAID)
def test_every_saying_about_an_expression_has_its_chinese(said: str) -> None:
    """As a message or as a cure; none falls back to the English words."""
    error = ExpressionError(1, 1, said, said)
    fallen = [f"表达式有误：{said}", f"请改正表达式（{said}）"]
    assert [chinese.message(error).zh, chinese.cure(error).zh] != fallen


@pytest.mark.parametrize(
    "guard",
    [
        "measure.behind > 'a'",
        "measure.behind",
        "measure.behind > 0 and true",
        "measure.behind = 0",
        "measure.behind > 0 &&",
        "(measure.behind > 0",
        "misssed('rectification') > 0",
        "missed(3) > 0",
        "task.percent % 2 > 0",
        "size(task.helpers) > 0",
        "measure.behind > 5u",
        "measure.behind > 0 ；",
    ],
)
def test_the_author_reads_no_english_sentence(guard: str) -> None:
    """Outside backticks and quotes no two English words stand side by side."""
    problems = load(_with(("measure.behind > 0", f'"{guard}"'))).problems
    assert problems
    for problem in problems:
        whole = f"{problem.message.zh} {problem.cure.zh if problem.cure else ''}"
        bare = re.sub(r"`[^`]*`|'[^']*'|<EOF>", "", whole)
        assert not re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", bare), whole
