"""A sheet in the making: one body's language, and all that was compiled in it, each text once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine import vocabulary
from engine.cel.tree import walk
from engine.checks.findings import Findings
from engine.checks.sites import Site
from engine.document import Path
from engine.expressions import Expression, ExpressionError, Kind, Language
from engine.model import Body, Due, Measure, Process
from engine.model.fields import Field, FieldType
from engine.once import once
from engine.problems import Position, Text
from engine.terms import Term, TermError

STRINGS = frozenset({Kind.TEXT, Kind.DATE, Kind.INSTANT})
"""Kinds whose values are texts: one may stand for another, and is checked when it is computed."""
MOST_EXPRESSIONS = 2_000

_IS_EXPRESSION = re.compile(r"[.(\[?'\"]")
_ARITHMETIC = frozenset({"_+_", "_-_", "_*_", "_/_"})
_STARTS_AS_NUMBER = re.compile(r"[0-9０-９]")


@dataclass(frozen=True)
class Words:
    """What an expression may say in its place, besides what all may: form fields, the `start`, the actor."""

    forms: frozenset[str] | None = frozenset()
    """None where the form is not known, because what names it is at fault."""
    start: bool = False
    actor: bool = False
    copies: bool = False
    """Whether it may be a plain copy of a personal field."""


PLAIN = Words()


@dataclass
class Draft:
    """One body on its way to a sheet."""

    process: Process
    site: Site
    language: Language
    findings: Findings
    expressions: dict[str, Expression] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    dates: set[str] = field(default_factory=set)
    failed: dict[tuple[str, Kind], ExpressionError] = field(default_factory=dict)

    @once
    def personal(self) -> frozenset[str]:
        """The variables that hold what the law protects."""
        return frozenset(name for name, fields in self.asked.items() if any(field.personal for field in fields))

    @once
    def asked(self) -> Mapping[str, Sequence[Field]]:
        """The fields that people fill in, by the variable that holds each: several forms may have one of a name."""
        found: dict[str, list[Field]] = {}
        for name, each in _asked(self.site):
            found.setdefault(name, []).append(each)
        return found

    def guard(self, text: str | None, path: Path, words: Words = PLAIN) -> None:
        """A condition; None where there is none."""
        if text is not None:
            self.value(text, Kind.BOOLEAN, path, words)

    def value(self, text: str, expect: Kind, path: Path, words: Words = PLAIN) -> Expression | None:
        """An expression of a kind; None where it was at fault, which has been reported."""
        try:
            expression = self._compiled(text, expect)
        except ExpressionError as error:
            self.findings.expression(path, text, error)
            return None
        _Use(self, expression, path, words).check()
        return expression

    def listed(self, text: str, path: Path, words: Words = PLAIN) -> Expression | None:
        """A list of texts, or rows."""
        try:
            is_rows = self._compiled(text, Kind.ROWS).kind is Kind.ROWS
        except ExpressionError:
            is_rows = False
        return self.value(text, Kind.ROWS if is_rows else Kind.TEXTS, path, words)

    def day(self, text: str, path: Path, words: Words = PLAIN) -> None:
        """A literal date, or an expression that gives a date or an instant."""
        if _is_date(text):
            self.dates.add(text)
        elif text[:4].isdecimal():
            cure = Text("请写成 2022-12-25 这样的日期", "write a date such as 2022-12-25")
            self.findings.add("bad-date", path, Text(f"`{text}` 不是日期", f"`{text}` is not a date"), cure, text)
        else:
            self.value(text, Kind.DATE, path, words)

    def term(self, text: str, path: Path, words: Words = PLAIN) -> None:
        """A literal term, or an expression that gives one as text."""
        try:
            self.terms[text] = Term.parse(text)
        except TermError as error:
            if _IS_EXPRESSION.search(text) and not _STARTS_AS_NUMBER.match(text):
                self.value(text, Kind.TEXT, path, words)
            else:
                self._bad_term(error, path, text)

    def amount(self, text: str, path: Path, words: Words) -> None:
        """A literal term, or an expression that gives a term or a number."""
        try:
            number = self._compiled(text, Kind.NUMBER)
        except ExpressionError:
            self.term(text, path, words)
        else:
            self.value(number.text, Kind.NUMBER, path, words)

    def due(self, due: Due, path: Path, words: Words) -> None:
        """Every term, date and anchor of a rule for a date."""
        if due.term is not None:
            self.term(due.term, (*path, "term"), words)
        for name in ("after", "before", "date"):
            if (text := getattr(due, name)) is not None:
                self.day(text, (*path, name), words)
        for name in ("latest_of", "earliest_of"):
            for index, inner in enumerate(getattr(due, name) or ()):
                self.due(inner, (*path, name, index), words)

    def _bad_term(self, error: TermError, path: Path, text: str) -> None:
        message, cure = error.message, error.cure
        self.findings.add("bad-term", path, Text(message["zh"], message["en"]), Text(cure["zh"], cure["en"]), text)

    def _compiled(self, text: str, expect: Kind) -> Expression:
        if (text, expect) in self.failed:
            raise self.failed[text, expect]
        known = self.expressions.get(text)
        if known is None or not _suits(known.kind, expect):
            try:
                known = self._compile(text, expect)
            except ExpressionError as error:
                self.failed[text, expect] = error
                raise
        return self.expressions.setdefault(text, known)

    def _compile(self, text: str, expect: Kind) -> Expression:
        if len(self.expressions) + len(self.failed) >= MOST_EXPRESSIONS:
            raise ExpressionError(1, 1, f"more than {MOST_EXPRESSIONS} expressions in one body", "split the definition")
        if expect not in STRINGS:
            return self.language.compile(text, expect)
        try:
            natural = self.language.compile(text, None)
        except ExpressionError:
            return self.language.compile(text, expect)
        if natural.kind not in STRINGS or text[0] in "'\"":
            return self.language.compile(text, expect)
        return natural


def _suits(kind: Kind, expect: Kind) -> bool:
    return kind is expect or (kind in STRINGS and expect in STRINGS)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True)
class _Use:
    """One expression where it stands: what its place forbids, and the names that it says in quotes."""

    draft: Draft
    expression: Expression
    path: Path
    words: Words

    def check(self) -> None:
        for name in self.expression.names:
            self._check_name(name)
        if self.expression.equality_on_numbers or self.expression.calls:
            for node in walk(self.expression.root):
                if node["node"] == "call":
                    self._check_call(node)

    def _check_name(self, name: str) -> None:
        text, words = self.expression.text, self.words
        if name == "start" and not words.start:
            self._refuse(name, Text("`start` 只能用于时限", "`start` may only be said in a deadline"))
        elif name.startswith("actor.") and not words.actor:
            self._refuse(name, Text("`actor` 只能用于操作", "`actor` may only be said in a transition"))
        elif name.startswith("form.") and words.forms is not None and name not in words.forms:
            message = Text(f"此处没有表单项 `{name}`", f"there is no `{name}` in the form here")
            self._refuse(name, message, words.forms)
        if name in self.draft.personal and not (words.copies and text == name):
            message = Text(f"`{name}` 是个人信息，不得用于条件或计算", f"`{name}` is personal: no rule may read it")
            self._refuse(name, message)

    def _refuse(self, name: str, message: Text, known: Iterable[str] = ()) -> None:
        listed = "、".join(sorted(known))
        cure = Text(f"此处可用：{listed}", f"known here: {listed.replace('、', ', ')}") if listed else None
        at = self.expression.text.find(name) + 1
        line = self.expression.text.count("\n", 0, at) + 1
        column = at - (self.expression.text.rfind("\n", 0, at) + 1)
        where = self.draft.findings.inside(self.path, self.expression.text, line, max(column, 1))
        self.draft.findings.report("word-not-here", where, message, cure)

    def _check_call(self, node: Mapping[str, Any]) -> None:
        function, arguments = node["function"], node["arguments"]
        if function in ("_==_", "_!=_") and any(self._is_computed(side) for side in arguments):
            message = Text("计算所得的小数不宜判断相等", "computed decimals are compared for equality")
            cure = Text("请用 >= 或 <= 比较", "compare with `>=` or `<=`")
            self.draft.findings.warn("decimal-equality", self._at(node), message, cure)
        for argument, (noun, known) in zip(arguments, self._named(function, arguments), strict=False):
            self._check_literal(function, argument, noun, known)

    def _is_computed(self, node: Mapping[str, Any]) -> bool:
        if node["node"] == "ident" and node["name"].startswith("measure."):
            measure = self.draft.site.body.measures.get(node["name"].removeprefix("measure."))
            return measure is not None and node["type"] == "number" and not _is_whole(measure)
        return node["node"] == "call" and node["type"] == "number" and node["function"] in _ARITHMETIC

    def _named(self, function: str, arguments: list[Any]) -> Sequence[tuple[Text, Iterable[str]]]:
        """What the quoted arguments of a function name, in order."""
        site, body = self.draft.site, self.draft.site.body
        if function in vocabulary.NAMES_DEADLINE:
            return [(Text("时限", "deadline"), body.deadlines)]
        if function in vocabulary.NAMES_TRIGGER:
            trigger = (Text("操作", "trigger"), site.triggers)
            return [trigger, trigger] if function == "fired_since" else [trigger]
        if function in vocabulary.NAMES_CHILD:
            kinds: tuple[Text, Iterable[str]] = (Text("子事项", "child"), body.children)
            child = body.children.get(str(arguments[0].get("value", "")))
            return [kinds, (Text("状态", "state"), child.states)] if child else [kinds]
        if function == "date_or":
            return [(Text("变量", "variable"), vocabulary.variables(self.draft.process, body, _parent(site)))]
        return []

    def _check_literal(self, function: str, node: Mapping[str, Any], noun: Text, known: Iterable[str]) -> None:
        if node["node"] != "const":
            message = Text(f"`{function}` 需要写明{noun.zh}的名称", f"`{function}` takes the name of a {noun.en}")
            cure = Text("名称请加引号写出", "write the name itself, in quotes")
            self.draft.findings.report("name-not-literal", self._at(node), message, cure)
        elif node["value"] not in known:
            code = f"unknown-{noun.en.replace(' ', '-')}"
            self.draft.findings.unknown_at(code, noun, str(node["value"]), known, self._at(node))

    def _at(self, node: Mapping[str, Any]) -> Position:
        line, column = map(int, node["at"].split(":"))
        return self.draft.findings.inside(self.path, self.expression.text, line, column)


def _is_whole(measure: Measure) -> bool:
    return measure.type is FieldType.INTEGER or measure.count is not None


def _parent(site: Site) -> Body | None:
    return site.parent.body if site.parent else None


def _asked(site: Site) -> Iterator[tuple[str, Field]]:
    groups = [("task", site.body.fields), *(("form", transition.form) for transition in site.body.transitions)]
    if site.parent is not None:
        groups.append(("parent", site.parent.body.fields))
    for prefix, fields in groups:
        yield from ((f"{prefix}.{name}", field) for name, field in fields.items())
