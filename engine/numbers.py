"""Numbers as people and spreadsheets write them, exactly: `1,234.50`, full-width digits, powers of ten."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from engine.problems import ValueProblem


def decimal_of(raw: Any) -> Decimal:
    """The number that was given, with every digit of it. Raises `ValueProblem`."""
    if isinstance(raw, bool):
        raise ValueProblem("这里应是数字", "this is a number, not yes or no")
    return _number(raw) if isinstance(raw, str) and len(raw) <= _SHORT else _read(raw)


def _read(raw: Any) -> Decimal:
    text = str(raw).removesuffix("%").strip()
    if ("," in text and not _THOUSANDS.fullmatch(text)) or "_" in text:
        raise ValueProblem(
            f"“{raw}”不是数字，应如 1,234.5 或 1234.5", f"{raw!r} is not a number such as 1,234.5 or 1234.5"
        )
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueProblem(f"“{raw}”不是数字，应如 1234.5", f"{raw!r} is not a number such as 1234.5") from None
    if not number.is_finite() or number.adjusted() > _DIGITS or (number and decimals_of(number) > _DECIMALS):
        raise ValueProblem(
            f"“{raw}”超出可用范围：整数至多 {_DIGITS + 1} 位，小数至多 {_DECIMALS} 位",
            f"{raw!r} is out of range: at most {_DIGITS + 1} digits before the point, and {_DECIMALS} after it",
        )
    return number


_SHORT = 32
_number = lru_cache(maxsize=4096)(_read)
"""Reports and plans repeat their numbers; one that is much longer than any is no number."""

_DIGITS = 17

_DECIMALS = 30
"""Whatever an office counts has fewer; what a spreadsheet works out (0.1 + 0.2) may have some twenty."""

_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")


def decimals_of(number: Decimal) -> int:
    """How many digits it has behind the point."""
    return len(written(number).partition(".")[2])


def written(number: Decimal) -> str:
    """The number with every digit that it has, without a power of ten; no zeros behind the last of them."""
    text = format(number, "f") if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text
