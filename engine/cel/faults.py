"""What is wrong with an expression, said so that its author can mend it.

The compiler speaks of overloads and containers. Here its words become a place in the author's text, a cause, a cure
and, for a misspelt name, the names that were probably meant.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.cel.names import Vocabulary
from engine.cel.tokens import PRESENCE, Promoted, Token

LONGEST_TEXT = 4000
_COMPLAINT = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'")
_OPERATOR = re.compile(r"^(?:_(?P<infix>[^_@]+)_|(?P<prefix>[-!])_|_(?P<postfix>\[_\]))$")
_STATUS = re.compile(r"^[A-Z_]+: |( \[[A-Z_]+\])$")
_UNSET = re.compile(r'No value with name "([^"]*)" found')
_WORDS = {"and": "&&", "or": "||", "not": "!", "AND": "&&", "OR": "||", "NOT": "!"}
_TYPES = (
    (r"list\(map\(string, dyn\)\)", "rows"),
    (r"list\(string\)", "texts"),
    (r"\bstring\b", "text"),
    (r"\bdouble\b", "number"),
    (r"\bbool\b", "boolean"),
    (r"\bint\b", "integer"),
    (r"\bdyn\b", "anything"),
)


@dataclass(eq=False)
class ExpressionError(Exception):
    """A text that is no expression of its language: ``line`` and ``column`` count from 1 inside the text."""

    line: int
    column: int
    message: str
    cure: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}; {self.cure}"


def refuse(tokens: Sequence[Token], promoted: Promoted) -> None:
    """Raise for what no language allows: an empty text, unsigned numbers, ``size``."""
    if not tokens:
        raise ExpressionError(1, 1, "the expression is empty", "write a condition such as `state == 'planned'`")
    for token in tokens:
        place = promoted.place(token.start)
        if token.kind == "unsigned":
            raise ExpressionError(*place, f"`{token.text}` is not a number here", "leave out the `u`")
        if token.text == "size":
            raise ExpressionError(*place, "`size` is not available", "use `count(list)`, which gives a number")
        if token.text == PRESENCE.rstrip("."):
            raise ExpressionError(*place, f"`{token.text}` is reserved", "write `has(name)`")


def refuse_length(text: str) -> None:
    """Raise for a text that is longer than any honest condition."""
    if len(text) > LONGEST_TEXT:
        message = f"the expression has {len(text)} characters, more than {LONGEST_TEXT}"
        raise ExpressionError(1, 1, message, "name a part of it as a measure")


def explain(report: str, promoted: Promoted, tokens: Sequence[Token], words: Vocabulary) -> ExpressionError:
    """The compiler's first complaint in the author's terms."""
    if "recursion" in report:
        return ExpressionError(1, 1, "the expression is nested too deeply", "at most about 30 levels; split it")
    found = _COMPLAINT.search(report)
    if not found or int(found[1]) < 1:
        return ExpressionError(1, 1, report.splitlines()[0], "simplify the expression")
    compiled = promoted.lines[int(found[1]) - 1] + int(found[2]) - 1
    offset = promoted.origin(compiled)
    complaint = found[3].removesuffix(" [INVALID_ARGUMENT]")
    if undeclared := _UNDECLARED.search(complaint):
        return _unknown(undeclared[1], offset, promoted, words)
    if overload := _OVERLOAD.search(complaint):
        return _mismatch(overload[1], overload[2], offset, promoted, words)
    message = complaint.split(" expecting ")[0].removeprefix("Syntax error: ")
    return ExpressionError(*promoted.place(offset), _plain_types(message), _syntax_cure(tokens, promoted, offset))


def _unknown(name: str, offset: int, promoted: Promoted, words: Vocabulary) -> ExpressionError:
    source = promoted.source
    called = source[offset : offset + 1] == "("
    place = promoted.place(promoted.name_start(offset))
    if name in _WORDS:
        return ExpressionError(*place, f"`{name}` is not an operator", f"write `{_WORDS[name]}`")
    if called and name in words.functions:
        known = " or ".join(str(overload) for overload in words.functions[name])
        return ExpressionError(*place, f"`{name}` does not take so many values", f"write {known}")
    names = words.suggestions(name, called=called)
    what = "function" if called else "name"
    cure = f"did you mean `{'`, `'.join(names)}`?" if names else "use a declared name, or put a text in quotes"
    return ExpressionError(*place, f"unknown {what} `{name}`", cure, names)


def _mismatch(function: str, types: str, offset: int, promoted: Promoted, words: Vocabulary) -> ExpressionError:
    given = _plain_types(types)
    operator = _OPERATOR.match(function)
    if operator is None and function in words.functions:
        known = " or ".join(str(overload) for overload in words.functions[function])
        place = promoted.place(promoted.name_start(offset))
        return ExpressionError(*place, f"`{function}` does not take {given}", f"write {known}")
    shown = operator[operator.lastgroup or 0].replace("_", "...") if operator else function.strip("@")
    return ExpressionError(*promoted.place(offset), f"`{shown}` does not take {given}", _operand_cure(shown, given))


def _operand_cure(shown: str, given: str) -> str:
    if shown == "%":
        return "numbers are decimals and have no remainder"
    if shown == "[...]":
        return "an index is a whole number, as in `rows[0]`"
    if "integer" in given:
        return "numbers are decimals: wrap the integer in `double(...)`"
    return "give both sides the same kind: numbers bare, texts and dates in quotes"


def _plain_types(types: str) -> str:
    for pattern, word in _TYPES:
        types = re.sub(pattern, word, types)
    return types


def _syntax_cure(tokens: Sequence[Token], promoted: Promoted, offset: int) -> str:
    for token in tokens:
        if token.text in _WORDS:
            return f"write `{_WORDS[token.text]}` for `{token.text}`"
    if not promoted.source[offset : offset + 1].isascii():
        return "outside quotes only ASCII letters and marks are read"
    if promoted.source[offset : offset + 1] == "=":
        return "write `==` to compare"
    return "check quotes, brackets and operators (`&&`, `||`, `==`)"


def plain_error(message: str) -> str:
    """An error of the library without its status words."""
    if unset := _UNSET.search(message):
        return f"`{unset[1]}` is not set"
    return _STATUS.sub("", message)
