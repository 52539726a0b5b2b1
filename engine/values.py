"""Values of typed fields: what a person or a spreadsheet gives, as the JSON that events keep, or what is wrong with it.

Numbers with decimals are kept as text (`"70.8"`), so that no rounding enters history; guards see them as doubles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from re import fullmatch
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from engine.events import Json, iso
from engine.model.fields import Field, FieldType
from engine.numbers import decimal_of, written
from engine.problems import Text, ValueProblem, suggest
from engine.terms import Term, TermError

_MOMENT = FieldType.INSTANT
"""Python looks a member of an enumeration up in ten times the time of a name."""


def parse_value(field: Field, raw: Any, zone: ZoneInfo | None = None) -> Json:
    """The value as events keep it; None for what is empty. Raises `ValueProblem`, which repeats nothing that the law
    protects: refusals are kept and shown where the value is not. `zone` reads instants without an offset.
    """
    try:
        return _parsed(field, raw, zone)
    except ValueProblem:
        if not field.personal:
            raise
        raise ValueProblem(
            f"所填的不是{_KINDS[field.type].zh}，或不在范围内（个人信息，此处不重复）",
            f"what is given is no {_KINDS[field.type].en}, or out of range (personal, and not repeated here)",
        ) from None


def _parsed(field: Field, raw: Any, zone: ZoneInfo | None) -> Json:
    if isinstance(raw, str):
        said = raw.strip()
        if not said:
            return None
        if _UNKEPT.search(raw):
            raise _unkept()
        raw = said if said.isascii() or field.type not in _COUNTED else normalize("NFKC", raw).strip()
    elif raw is None:
        return None
    elif not keepable(raw):
        raise _unkept()
    if field.type is _MOMENT:
        return _instant(raw, zone)
    value = _PARSERS[field.type](field, raw)
    if field.minimum is not None or field.maximum is not None:
        _within(field, value)
    return value


def _unkept() -> ValueProblem:
    return ValueProblem(
        "文字中有无法保存的字符（乱码，或改变阅读次序的隐藏字符）",
        "the text has letters that cannot be kept (broken ones, or hidden ones that turn the order of reading)",
    )


_KINDS: Mapping[FieldType, Text] = {
    FieldType.TEXT: Text("可保存的文字", "text that can be kept"),
    FieldType.CHOICE: Text("选项之一", "choice of those there are"),
    FieldType.BOOLEAN: Text("是或否", "yes or no"),
    FieldType.INTEGER: Text("整数", "whole number"),
    FieldType.DECIMAL: Text("数字", "number"),
    FieldType.MONEY: Text("金额", "amount of money"),
    FieldType.PERCENT: Text("百分比", "percentage"),
    FieldType.QUANTITY: Text("数量加单位", "amount with its unit"),
    FieldType.DATE: Text("日期", "date"),
    FieldType.INSTANT: Text("时刻", "moment"),
    FieldType.MONTH: Text("月份", "month"),
    FieldType.TERM: Text("期限", "term"),
    FieldType.UNIT: Text("单位", "unit"),
    FieldType.PERSON: Text("人员", "person"),
    FieldType.UNITS: Text("若干单位", "list of units"),
    FieldType.FILES: Text("若干文件", "list of files"),
    FieldType.ROWS: Text("可用的表", "table that fits"),
}
"""What a value of each type is."""
EMPTY: Mapping[str, Json] = {"boolean": False, "units": [], "files": [], "rows": []}
"""What the types are that are never left without a value."""


def first_value(field: Field, zone: ZoneInfo | None = None) -> Json:
    """What a field holds where nothing is given, or nothing but a blank: its default, or what is empty of its type."""
    return EMPTY.get(field.type) if field.default is None else parse_value(field, field.default, zone)


def not_by_hand(field: Field, value: Json) -> bool:
    """Whether a registration gives what transitions alone write. That it says what would be there anyway is no harm: a
    record that was taken over, or is judged again, says so.
    """
    return field.written_by is not None and value not in (None, first_value(field))


_COUNTED = frozenset(
    {
        FieldType.INTEGER,
        FieldType.DECIMAL,
        FieldType.MONEY,
        FieldType.PERCENT,
        FieldType.DATE,
        FieldType.INSTANT,
        FieldType.MONTH,
        FieldType.TERM,
    }
)
"""Numbers and days, which input methods also write in full-width digits (１２．５％)."""

_UNKEPT = re.compile(r"[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Letters that are not kept: the null character, and halves of characters, which badly encoded bytes become, for no
store does; and hidden marks that turn the order of reading (https://www.unicode.org/reports/tr9/), for what somebody
reads on a page, a circular or a receipt must be what stands on record: 001% may be read as 100%.
"""

YEARS = range(1000, 3000)
"""Dates beyond are slips of the pen, and arithmetic on them leaves the calendar."""


def keepable(raw: Any) -> bool:
    """Whether every text in a value can be kept."""
    if isinstance(raw, str):
        return _UNKEPT.search(raw) is None
    if isinstance(raw, Mapping):
        return all(map(keepable, raw)) and all(map(keepable, raw.values()))
    return not isinstance(raw, list | tuple) or all(map(keepable, raw))


def as_number(value: Json) -> float | None:
    """A kept number (or quantity) as a guard sees it."""
    if isinstance(value, dict):
        value = value.get("amount")
    return None if value is None else float(value)


def _within(field: Field, value: Json) -> None:
    number = as_number(value)
    if number is None:
        return
    if (field.minimum is not None and number < field.minimum) or (field.maximum is not None and number > field.maximum):
        shown = value if not isinstance(value, Mapping) else f"{value['amount']} {value['unit']}".strip()
        raise _out_of(shown, field.minimum, field.maximum)


def _out_of(shown: Json, low: int | None, high: int | None) -> ValueProblem:
    """What is out of range, with the range as people say it; at least one of its ends is there."""
    if low is None:
        return ValueProblem(f"{shown} 太大，至多 {high}", f"{shown} is too much: at most {high}")
    if high is None:
        return ValueProblem(f"{shown} 太小，至少 {low}", f"{shown} is too little: at least {low}")
    return ValueProblem(f"{shown} 不在 {low} 与 {high} 之间", f"{shown} is not between {low} and {high}")


def _text(field: Field, raw: Any) -> Json:
    if isinstance(raw, dict | list):
        raise ValueProblem("这里应是一段文字", "this is a text, not a list or a table")
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def _choice(field: Field, raw: Any) -> Json:
    choices = field.choices or {}
    for name, title in choices.items():
        if raw in (name, title.zh, title.en):
            return name
    near = suggest(str(raw), list(choices))
    known = "、".join(f"{name}（{title.zh}）" for name, title in choices.items())
    hint_zh, hint_en = (f"；是否指 {near}？", f"; did you mean {near}?") if near else ("", "")
    raise ValueProblem(
        f"没有“{raw}”这一项，可选：{known}{hint_zh}", f"{raw!r} is not one of {', '.join(choices)}{hint_en}"
    )


_TRUE = {"true", "yes", "y", "1", "是", "对", "√"}
_FALSE = {"false", "no", "n", "0", "否", "不"}


def _boolean(field: Field, raw: Any) -> Json:
    word = str(raw).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueProblem(f"“{raw}”应为 是 或 否", f"{raw!r} is neither yes nor no")


def _integer(field: Field, raw: Any) -> Json:
    number = decimal_of(raw)
    if number != number.to_integral_value():
        raise ValueProblem(f"“{raw}”不是整数", f"{raw!r} is not a whole number")
    return int(number)


def _number(field: Field, raw: Any) -> Json:
    return written(decimal_of(raw))


def _percent(field: Field, raw: Any) -> Json:
    number = decimal_of(raw)
    if number < 0:
        raise ValueProblem("百分比不能为负", "a percentage is not negative")
    return written(number)


def _quantity(field: Field, raw: Any) -> Json:
    if isinstance(raw, Mapping):
        raw = f"{raw.get('amount')} {raw.get('unit', '')}".strip()
    match = fullmatch(r"([-+]?[\d,.]+)\s*(.*)", str(raw))
    if match is None:
        raise ValueProblem(f"“{raw}”应为数量加单位，例如 7 公里", f"{raw!r} is not an amount with a unit, such as 7 km")
    unit = match[2] or field.unit or ""
    if field.unit and unit != field.unit:
        raise ValueProblem(f"单位应为 {field.unit}，不是 {unit}", f"the unit is {field.unit}, not {unit}")
    return {"amount": written(decimal_of(match[1])), "unit": unit}


def _date(field: Field, raw: Any) -> Json:
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return raw.isoformat() if raw.year in YEARS else _no_date(raw)
    try:
        return _day_said(str(raw))
    except ValueError:
        return _no_date(raw)


@lru_cache(maxsize=4096)
def _day_said(raw: str) -> str:
    """Plans and reports say the same days again and again. What raises is not kept."""
    text = raw.replace("/", "-").replace("年", "-").replace("月", "-").removesuffix("日")
    match = fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if match is None or int(match[1]) not in YEARS:
        raise ValueError(raw)
    return date(int(match[1]), int(match[2]), int(match[3])).isoformat()


def _no_date(raw: Any) -> Json:
    raise ValueProblem(f"“{raw}”不是日期，应如 2022-12-25", f"{raw!r} is not a date such as 2022-12-25")


def _instant(raw: Any, zone: ZoneInfo | None) -> Json:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        zh, en = f"“{raw}”不是时刻，应如 2022-12-25 17:00", f"{raw!r} is not a moment such as 2022-12-25 17:00"
        raise ValueProblem(zh, en)
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC))


def _month(field: Field, raw: Any) -> Json:
    if isinstance(raw, date):
        return f"{raw:%Y-%m}"
    try:
        return _month_said(str(raw))
    except ValueError:
        raise ValueProblem(f"“{raw}”不是月份，应如 2022-02", f"{raw!r} is not a month such as 2022-02") from None


@lru_cache(maxsize=1024)
def _month_said(raw: str) -> str:
    match = fullmatch(r"(\d{4})(?:-|/|年)(\d{1,2})月?", raw)
    if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) not in YEARS:
        raise ValueError(raw)
    return f"{match[1]}-{int(match[2]):02d}"


def _term(field: Field, raw: Any) -> Json:
    try:
        return str(Term.parse(str(raw)))
    except TermError as error:
        raise ValueProblem(f"“{raw}”不是期限，应如 10 个工作日", str(error)) from None


def _units(field: Field, raw: Any) -> Json:
    if isinstance(raw, str):
        for mark in ("；", "、", ",", "，"):
            raw = raw.replace(mark, ";")
        raw = raw.split(";")
    if not isinstance(raw, list | tuple) or not all(isinstance(part, str) for part in raw):
        raise ValueProblem("这里应是若干单位的名称", "this is a list of units, each a name")
    return [part.strip() for part in raw if part.strip()]


def _files(field: Field, raw: Any) -> Json:
    if isinstance(raw, Mapping):
        raw = [raw]
    items = raw if isinstance(raw, list) else [part.strip() for part in str(raw).replace("；", ";").split(";")]
    names = [item.get("name") if isinstance(item, dict) else item for item in items]
    if not all(isinstance(name, str) for name in names):
        raise ValueProblem("这里应是若干文件，每个有名称", "this is a list of files, each with a name")
    return [item if isinstance(item, dict) else {"name": item} for item in items if item]


def _rows(field: Field, raw: Any) -> Json:
    columns = field.columns or {}
    if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
        raise ValueProblem("这里应是一张表，每行各列有名", "this is a table: a list of rows with named columns")
    return [_row(columns, row) for row in raw]


def _row(columns: Mapping[str, Field], row: Mapping[str, Any]) -> Json:
    unknown = [name for name in row if name not in columns]
    if unknown:
        raise ValueProblem(f"没有“{unknown[0]}”这一列", f"there is no column {unknown[0]!r}")
    for name, column in columns.items():
        if column.required and row.get(name) in (None, ""):
            raise ValueProblem(f"“{column.zh}”必填", f"{column.en} is required")
    return {name: parse_value(column, row.get(name)) for name, column in columns.items()}


_PARSERS: Mapping[FieldType, Callable[[Field, Any], Json]] = {
    FieldType.TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _number,
    FieldType.MONEY: _number,
    FieldType.PERCENT: _percent,
    FieldType.QUANTITY: _quantity,
    FieldType.DATE: _date,
    FieldType.MONTH: _month,
    FieldType.TERM: _term,
    FieldType.UNIT: _text,
    FieldType.PERSON: _text,
    FieldType.UNITS: _units,
    FieldType.FILES: _files,
    FieldType.ROWS: _rows,
}
