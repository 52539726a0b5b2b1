"""Why something failed is said in the language of whoever reads it: no English sentence stands inside a Chinese one.

What is raised for people has both languages; what libraries raise is quoted as theirs; and nobody puts an exception
into a sentence as it is.
"""

from __future__ import annotations

import ast
import errno
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.expressions import Kind
from engine.plans import Unset
from engine.problems import Spoken, Text, fact_in
from engine.reasons import quoted, reason_of
from engine.refusals import say
from engine.undecided import undecided
from post.webhook import Webhook
from storage.errors import StoreDamaged, StoreProblem
from tests.engine.test_expressions import run
from workflows.audit.sealing import sayings as sealing
from workflows.audit.verifying.findings import CODES
from workflows.post.sentences import why_not
from workflows.post.values import INSIDE, NAMES_USER, NO_ADDRESS, NOT_PLAIN, SAYINGS, Message, NotSent
from workflows.spread import Fallen
from workflows.texts import TextProblem, fill_in

HOME = Path(__file__).resolve().parent.parent
ROOMS = ("commands", "documents", "engine", "jobs", "post", "storage", "web", "workflows")
ALONE = {HOME / "workflows/packaging/verify_package.py"}
"""One file that imports nothing of ours: `tests/packaging` reads its sentences."""

SPEAK = {
    "Refusal",
    "Refused",
    "Flaw",
    "Finding",
    "unreadable",
    "find",
    "found",
    "Text",
    "Problem",
    "Unfit",
    "Difference",
}
SPEAK |= {"no", "wrong", "refused", "_refusal", "_unsigned", "of"}
"""What makes a sentence for people of its arguments."""


def english(text: str) -> str:
    """The first English words that stand in a Chinese text as its own: two or more, outside of quotation marks."""
    bare = re.sub(r"`[^`]*`|“[^”]*”|'[^']*'|(?:duban|verify_package\.py)(?: (?:--)?[a-z_-]+)+", "", text)
    found = re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}( [A-Za-z]+)*", bare)
    return found[0] if found else ""


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for file in [HOME / "cli.py", *(each for room in ROOMS for each in sorted((HOME / room).rglob("*.py")))]:
        if file not in ALONE:
            yield file, ast.parse(file.read_text(encoding="utf-8"))


SOURCES = list(_sources())


def _name(call: ast.expr) -> str:
    return call.id if isinstance(call, ast.Name) else call.attr if isinstance(call, ast.Attribute) else ""


def _kinds() -> set[str]:
    """The classes that are `Spoken`, whose two arguments are the two languages."""
    bases = {
        each.name: {_name(base) for base in each.bases}
        for _, tree in SOURCES
        for each in ast.walk(tree)
        if isinstance(each, ast.ClassDef)
    }
    found = {"Spoken"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    own = {"StoreProblem", "TextProblem", "PressProblem", "UnknownCalendar"}
    return found - own - {name for name, above in bases.items() if above & {"StoreProblem"}}


def _filled(node: ast.expr) -> str | None:
    """A literal, with a stand-in for each part; None where it is told elsewhere."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
    return None


def _told() -> Iterator[tuple[str, list[str | None]]]:
    kinds = _kinds()
    for file, tree in SOURCES:
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and _name(call.func) in kinds and len(call.args) == 2:
                yield f"{file.relative_to(HOME)}:{call.lineno}", [_filled(each) for each in call.args]


def raw(tree: ast.Module) -> Iterator[int]:
    """Lines on which an exception is put into words as it is, inside of what makes a sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.name:
            yield from _told_raw(node, node.name)
            yield from (each.lineno for each in ast.walk(node) if isinstance(each, ast.Assign) and _kept(each, node))
        if isinstance(node, ast.FunctionDef):
            yield from (line for name in _handed(node) for line in _told_raw(node, name))


def _told_raw(within: ast.AST, error: str) -> Iterator[int]:
    for call in ast.walk(within):
        if isinstance(call, ast.Call) and _name(call.func) in SPEAK:
            yield from (call.lineno for part in _plain(call) if _says(part, error))


def _handed(function: ast.FunctionDef) -> Iterator[str]:
    """The names under which a function is given an exception that others caught."""
    for each in function.args.args:
        kind = _name(each.annotation) if each.annotation else ""
        if kind in {"Exception", "BaseException", "Fallen"} or kind.endswith(("Error", "Problem")):
            yield each.arg


def _plain(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what stands in it, less what is translated there."""
    if isinstance(node, ast.Call) and _name(node.func) in {"undecided", "glossed", "quoted"}:
        return
    yield node
    for each in ast.iter_child_nodes(node):
        yield from _plain(each)


def _says(part: ast.AST, error: str) -> bool:
    """`str(error)`, `repr(error)`, `f"{error}"`, `error.strerror`, `error.args`."""
    match part:
        case ast.Call(ast.Name("str" | "repr"), [ast.Name(name)]):
            return name == error
        case ast.FormattedValue(ast.Name(name)):
            return name == error
        case ast.Attribute(ast.Name(name), "strerror" | "args" | "reason" | "detail"):
            return name == error
    return False


def _kept(each: ast.Assign, handler: ast.ExceptHandler) -> bool:
    """`told = {"error": str(error)}`, and the two languages of a sentence made beforehand."""
    names = {_name(target) for target in each.targets} | {
        _name(one) for target in each.targets if isinstance(target, ast.Tuple) for one in target.elts
    }
    told = bool(names & {"told", "facts", "why", "said", "zh", "en"})
    return told and any(_says(part, str(handler.name)) for part in _plain(each.value))


MAY = {
    "commands/backtests.py": "the path of a file",
    "commands/verifying.py": "the path of a file",
    "commands/sealing.py": "the path of a file",
    "web/pages/proofs.py": "words in the visitor's language",
}
"""Whose exceptions carry a name, or words in one language on purpose."""


def test_no_exception_is_put_into_a_sentence_as_it_is() -> None:
    found = [
        f"{file.relative_to(HOME)}:{line}"
        for file, tree in SOURCES
        if str(file.relative_to(HOME)) not in MAY
        for line in raw(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "words",
    [
        'return Refusal("x", {"reason": str(error)})',
        'raise on.no(f"不成立：{error}。", f"It proves nothing: {error}.") from error',
        'told = {"task": root, "error": f"{type(error).__name__}: {error}"}',
        'zh, en = f"用不了（{error.strerror}）", "no"',
        'yield Finding("x", name, None, {"line": repr(error)})',
    ],
)
def test_an_exception_in_a_sentence_would_be_found(words: str) -> None:
    planted = f"def f():\n    try:\n        g()\n    except ValueError as error:\n        {words}\n"
    assert list(raw(ast.parse(planted)))


def test_an_exception_that_is_handed_on_would_be_found() -> None:
    planted = 'def f(on, error: Exception):\n    return on.no(f"不成：{error}。", f"no: {error}.")\n'
    assert list(raw(ast.parse(planted)))


def details(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The sentences that stand written as the detail of a problem of the store, which would be quoted as the database's
    own: ours are a `Text`.
    """
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func).startswith(("Store", "Backup")):
            yield from ((call.lineno, text) for each in call.args[:1] if (text := _filled(each)) and english(text))


def test_no_sentence_of_ours_is_quoted_as_the_word_of_a_database() -> None:
    found = [f"{file.relative_to(HOME)}:{line}: {text}" for file, tree in SOURCES for line, text in details(tree)]
    assert found == []


def test_a_sentence_of_ours_that_would_be_quoted_would_be_found() -> None:
    assert list(details(ast.parse('raise StoreDamaged(f"not there: {table}")')))


def test_what_is_raised_for_people_has_both_languages() -> None:
    """The first argument is Chinese without English sentences, the second has no Chinese."""
    told = list(_told())
    assert len(told) > 40
    for place, (zh, en) in told:
        if zh is not None:
            assert re.search(r"[\u4e00-\u9fff]", zh) or not re.search(r"[A-Za-z]{2,}", zh), place
            assert not english(zh), place
        if en is not None:
            assert not re.search(r"[\u4e00-\u9fff]", en), place


def facts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The texts that stand written in the facts of refusals and findings, each with its line."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call.func) in SPEAK - {"of", "no", "wrong", "Text", "Problem"}:
            given = [*call.args[1:], *(each.value for each in call.keywords if each.arg != "en")]
            yield from ((call.lineno, part) for each in given for part in _values(each))


def _values(node: ast.expr) -> Iterator[str]:
    for each in node.values if isinstance(node, ast.Dict) else [node]:
        text = _filled(each)
        if text is not None:
            yield text


def test_no_fact_is_an_english_sentence() -> None:
    found = [
        f"{file.relative_to(HOME)}:{line}: {text}"
        for file, tree in SOURCES
        for line, text in facts(tree)
        if english(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "words",
    [
        'Flaw("head_bad", facts={"reason": "it bears no signature"})',
        'self.found("head_bad", reason=f"kept as of {size}")',
    ],
)
def test_an_english_fact_would_be_found(words: str) -> None:
    assert [text for _, text in facts(ast.parse(words)) if english(text)]


# -- reasons of others


@pytest.mark.parametrize(
    "error",
    [
        *(
            OSError(number, "in words of the system")
            for number in (errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EIO)
        ),
        OSError(errno.EXDEV, "Invalid cross-device link"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        json.JSONDecodeError("Expecting value", "x y", 0),
        TimeoutError("timed out while waiting"),
        KeyError("edge of the tree"),
        ValueError("Object missing required field"),
        ValueError(),
        StoreProblem("database disk image is malformed"),
    ],
)
def test_the_reason_of_another_reads_in_both_languages(error: Exception) -> None:
    reason = reason_of(error)
    assert not english(reason.zh), reason.zh
    assert reason.en
    assert not re.search(r"[\u4e00-\u9fff]", reason.en)


def test_a_quotation_is_told_as_one() -> None:
    assert quoted("mailbox is full").zh == "原文“mailbox is full”"
    assert quoted("邮箱已满").zh == "邮箱已满"
    assert quoted("550").zh == "550"
    assert english(f"未接受：{quoted('mailbox is full').en}") == "mailbox is full"


def test_a_reason_crosses_processes_with_both_languages() -> None:
    import pickle

    for error in (
        Spoken("甲", "a"),
        StoreProblem("x y"),
        StoreProblem(),
        StoreDamaged(Text("甲", "a")),
        Fallen("甲", "a"),
        TextProblem("'a' is undefined"),
    ):
        assert pickle.loads(pickle.dumps(error)).text == error.text  # noqa: S301 - what was just written


# -- what the record keeps in English


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("rows[7].target == 'x'", None),
        ("rows[0].nix == 'x'", None),
        ("planned('2031-01') > 1", None),
        ("double('x') > 1", None),
        ("1 / 0 > 1", None),
        ("rows[0].target", Kind.NUMBER),
        ("rows[0].target", Kind.DATE),
        ("rows[0].planned > 'a'", None),
        ("now > now", None),
        ("'a'.matches('(')", None),
    ],
)
def test_why_an_expression_has_no_value_is_said_in_chinese(text: str, kind: Kind | None) -> None:
    error = run(text, expect=kind).error
    assert error is not None
    assert undecided(error).en == error
    assert not english(undecided(error).zh), undecided(error)
    said = say(Unset(error, text).refusal, None, "zh")
    assert not english(said.replace(text, "")), said


@pytest.mark.parametrize(
    "template",
    [
        "{{ nix }}",
        "{{ a.b.c }}",
        "{{ 1 / 0 }}",
        "{% if %}",
        "{{ a",
        "{{ a | nix }}",
        "{% nix %}",
        "{{ 2 ** 9 }}",
        "{{ a }",
    ],
)
def test_what_is_wrong_with_a_template_is_said_in_chinese(template: str) -> None:
    with pytest.raises(TextProblem) as told:
        fill_in(template, {"a": {}})
    assert re.search(r"[\u4e00-\u9fff]", told.value.text.zh), told.value.text
    assert not english(told.value.text.zh), told.value.text


@pytest.mark.parametrize(
    "error",
    [
        "address: https://HOST/PATH",
        "address: hook.example is 10.0.0.7, which is inside",
        "2/3: HTTP 200, and nothing that can be read",
        "ConnectionRefusedError: [Errno 111] Connection refused",
        "gaierror: [Errno -2] Name or service not known",
        "550 no such mailbox here",
        "`'x' is undefined",
    ],
)
def test_why_a_notice_did_not_arrive_is_said_in_chinese(error: str) -> None:
    assert not english(why_not(error, "zh")), why_not(error, "zh")
    assert why_not(error, "en") == error


@pytest.mark.parametrize("saying", SAYINGS, ids=lambda saying: saying.en)
def test_what_the_record_keeps_of_our_words_is_read_by_the_same_words(saying: Text) -> None:
    """In Chinese without English sentences, in English without Chinese, and each fact where it belongs."""
    facts = {"host": "hook.example", "address": "10.0.0.7", "place": "hook.example:8080", "status": "502"}
    told = saying.filled(**facts)
    assert why_not(told.en, "zh") == told.zh
    assert why_not(told.en, "en") == told.en
    assert re.search(r"[\u4e00-\u9fff]", told.zh)
    assert not english(told.zh)
    assert not re.search(r"[\u4e00-\u9fff]", told.en)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://hook.example", NO_ADDRESS),
        ("https://li@hook.example", NAMES_USER),
        ("https://hook.example/ a", NOT_PLAIN),
        ("https://hook.example", INSIDE.filled(host="hook.example", address="10.0.0.7")),
    ],
)
def test_an_address_that_cannot_be_called_is_refused_in_those_words(address: str, why: Text) -> None:
    answer = Webhook(resolver=lambda *_: ["10.0.0.7"]).send(Message("m-1", address, "", "", {}))
    assert isinstance(answer, NotSent)
    assert why_not(answer.reason, "zh") == f"地址不能用：{why.zh}"


# -- heads


def test_a_fact_in_both_languages_fills_each_sentence_with_its_own() -> None:
    """In refusals of the engine, in those of the rooms, and in findings about heads."""
    from engine.commands import Refusal
    from workflows.audit.sealing.values import Flaw
    from workflows.sayings import say as say_all

    why = Text("签名与内容不符", "the signature does not fit").both
    assert fact_in(why, "zh") == "签名与内容不符"
    for code, facts in (
        ("seal_key_bad", {"file": "k"}),
        ("growth_unread", {}),
        ("witness_unsigned", {"origin": "d.example"}),
    ):
        told = Refusal(code, {**facts, "reason": why})
        assert "签名与内容不符" in say_all(told, None, "zh")
        assert "the signature does not fit" in say_all(told, None, "en")
    flaw = Flaw("head_bad", facts={"source": "h", "reason": why})
    assert sealing.said(flaw, "zh").endswith("签名与内容不符")


NEXT = {
    "zh": r"查明|核对|核验|找回|恢复|对照|停用|查系统日志|重新删除|取得|核实|另取|保全",
    "en": r"find out|compare|look|restore|stop using|erase it again|verify|get |ask|keep|look into",
}
"""What somebody can do next."""


def test_every_finding_at_home_says_what_can_be_done_next() -> None:
    """Of a database and of its tree, in both languages, and without an English sentence in a Chinese one."""
    meanings = [kind.meaning for kind in CODES.values()] + [*sealing.MEANINGS.values()]
    for meaning in meanings:
        assert re.search(NEXT["zh"], meaning.zh), meaning.zh
        assert re.search(NEXT["en"], meaning.en), meaning.en
    for text in [*(kind.said for kind in CODES.values()), *sealing.FINDINGS.values(), *meanings]:
        assert not english(text.zh), text.zh
        assert not re.search(r"[\u4e00-\u9fff]", text.en), text.en
