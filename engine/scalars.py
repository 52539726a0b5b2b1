"""What a plain scalar means: the core schema of YAML 1.2, with exact decimals and without traps.

`on`, `yes`, `2022-12-25` and `12:30` are text. Numbers with a fraction are `Decimal`: 70.8 is 70.8.
Source: YAML 1.2.2, section 10.3.2.
"""

import re
from decimal import Decimal

MAX_DIGITS = 40

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_LONG_EXPONENT = re.compile(r"[eE][-+]?[0-9]{3}")
_NUMBER_STARTS = frozenset("+-.0123456789")


def resolve(text: str) -> str | int | Decimal | bool | None:
    """The value of a plain scalar. Ask `is_usable` first: a number of many digits takes long to build."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    return Decimal(text) if _FLOAT.fullmatch(text) else text


def is_usable(text: str) -> bool:
    """False for a number that no definition means: infinite, huge, or a code like 0411 that would lose its zero."""
    if not text or text[0] not in _NUMBER_STARTS:
        return True
    if _NO_NUMBER.fullmatch(text):
        return False
    if not (_INT.fullmatch(text) or _FLOAT.fullmatch(text)):
        return True
    return len(text) <= MAX_DIGITS and not _LEADING_ZERO.match(text) and not _LONG_EXPONENT.search(text)
