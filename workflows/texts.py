"""Words of notices and publications, made from templates that definitions carry.

A definition is data from outside, so its templates run in a sandbox: no globals, nothing that can be changed, a name
that is missing is an error, and neither a template nor what it makes may grow without bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.meta import find_undeclared_variables
from jinja2.nodes import Name
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.problems import Spoken
from engine.reasons import Glossary, glossed

TEMPLATE_LIMIT = 20_000
"""Characters of a template."""

TEXT_LIMIT = 200_000
"""Characters of what a template makes."""

_PADDERS = ("center", "indent", "format", "wordwrap", "ljust", "rjust", "zfill", "expandtabs")


KNOWN: Glossary = {
    r"`(.*)` is not possible here": "这里不能用 `{0}`",
    r"the template has more than (\d+) characters": "模板超过 {0} 个字符",
    r"the text grows beyond (\d+) characters": "文本超过 {0} 个字符",
    r"('.*') is undefined": "没有 {0}",
    r"'.*' has no attribute ('.*')": "没有 {0}",
    r"unexpected '(.*)'": "此处不应是 `{0}`",
    r"unexpected end of template.*": "模板没有写完",
    r"expected token '(.*)', got '(.*)'": "此处应是 `{0}`，写的是 `{1}`",
    r"No (filter|test) named ('.*')\.": "没有名为 {1} 的处理",
    r"Encountered unknown tag ('.*')\..*": "没有 {0} 这种标记",
    r"access to attribute ('.*') of '.*' object is unsafe\.": "不得取用 {0}",
    r"division by zero": "除数为零",
}
"""What is said of templates, by us and by the library that fills them in; the record keeps the English."""


class TextProblem(Spoken):
    """A template cannot be filled in; says why, in words of ours where these are known."""

    def __init__(self, said: str) -> None:
        super().__init__(*glossed(said, KNOWN))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.text.en,)


class _Sandbox(ImmutableSandboxedEnvironment):
    """No attribute of Python's own, and no arithmetic that makes much from little."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(isinstance(side, int | float) for side in (left, right)):
            raise TextProblem(f"`{operator}` is not possible here")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:  # noqa: ARG002 - the library's signature
        """`str.format` pads: the library would let it through, made safe against attributes but not against size."""
        return

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in _PADDERS and super().is_safe_attribute(obj, attr, value)


def sandbox(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    """An environment in which a template from outside can do no harm; Word templates share it, escaped for XML."""
    trimmed = not autoescape
    made = _Sandbox(undefined=StrictUndefined, autoescape=autoescape, trim_blocks=trimmed, lstrip_blocks=trimmed)
    made.globals.clear()
    for filter_name in _PADDERS:
        made.filters.pop(filter_name, None)
    return made


_SANDBOX = sandbox(autoescape=False)


@lru_cache(maxsize=256)
def _compiled(template: str) -> Template:
    if len(template) > TEMPLATE_LIMIT:
        raise TextProblem(f"the template has more than {TEMPLATE_LIMIT} characters")
    return _SANDBOX.from_string(template)


@lru_cache(maxsize=512)
def names_in(template: str) -> frozenset[str]:
    """The names that a template needs from outside. Raises `TextProblem` for one that cannot be read."""
    if len(template) > TEMPLATE_LIMIT:
        raise TextProblem(f"the template has more than {TEMPLATE_LIMIT} characters")
    if "{" not in template:
        return frozenset()
    try:
        parsed = _SANDBOX.parse(template)
        if _DECLARES.search(template):
            return frozenset(find_undeclared_variables(parsed))
        return frozenset(found.name for found in parsed.find_all(Name))
    except TemplateError as error:
        raise TextProblem(str(error)) from error


_DECLARES = re.compile(r"{%|\||\bis\b|\bself\b")
"""What may declare a name, or use a filter or a test that is not there: only then the library looks at the whole, which
costs several times as much.
"""


def fill_in(template: str, facts: Mapping[str, Any]) -> str:
    """The text that a template makes of plain facts. Raises `TextProblem`."""
    try:
        return "".join(_bounded(_compiled(template).generate(**facts)))
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise TextProblem(str(error)) from error


def _bounded(pieces: Iterator[str]) -> Iterator[str]:
    made = 0
    for piece in pieces:
        made += len(piece)
        if made > TEXT_LIMIT:
            raise TextProblem(f"the text grows beyond {TEXT_LIMIT} characters")
        yield piece
