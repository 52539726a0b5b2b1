"""What Pydantic complains of, said in both languages with the words of an office and not of a program."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.problems import Text, meant

_TEXT = Text("文字", "text")
_WHOLE = Text("整数", "a whole number")
_NUMBER = Text("数字", "a number")
_YES_NO = Text("true 或 false", "true or false")
_LIST = Text("列表", "a list")
_MAPPING = Text("“键: 值”的一组内容", "a group of `key: value`")
_DATE = Text("日期", "a date")
_NOTHING = Text("空值", "nothing")

_CHOICES = ("literal_error", "enum")
_KINDS: Mapping[str, Text] = {
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "dataclass_type": _MAPPING,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "none_required": _NOTHING,
}

_LIMITS: Mapping[str, Text] = {
    "greater_than": Text("必须大于 {gt}", "must be more than {gt}"),
    "greater_than_equal": Text("不得小于 {ge}", "must be at least {ge}"),
    "less_than": Text("必须小于 {lt}", "must be less than {lt}"),
    "less_than_equal": Text("不得大于 {le}", "must be at most {le}"),
    "string_too_short": Text("至少要有 {min_length} 个字", "must have at least {min_length} characters"),
    "string_too_long": Text("不得超过 {max_length} 个字", "must have at most {max_length} characters"),
    "too_short": Text("至少要有 {min_length} 项", "must have at least {min_length} entries"),
    "too_long": Text("不得超过 {max_length} 项", "must have at most {max_length} entries"),
    "string_pattern_mismatch": Text("写法不对，应符合 {pattern}", "is not written as it should be: {pattern}"),
    "union_tag_invalid": Text("不能是 `{tag}`，应为 {expected_tags}", "cannot be `{tag}`; one of {expected_tags}"),
    "union_tag_not_found": Text(
        "看不出是哪一种，缺少 {discriminator}", "says not which kind it is: {discriminator} is missing"
    ),
}

_NAME = Text(
    "不是名称：名称用小写字母、数字和 _，以字母开头", "is no name: small letters, digits and `_`, a letter first"
)
_SLUG = Text(
    "不是名称：名称用小写字母、数字、_ 和 -，以字母开头",
    "is no name: small letters, digits, `_` and `-`, a letter first",
)
_PATTERNS: Mapping[str, Text] = {r"^[a-z][a-z0-9_]*$": _NAME, r"^[a-z][a-z0-9_-]*$": _SLUG}
"""What the patterns of the language mean."""


def saying(type_: str, facts: Mapping[str, Any], value: Any, said: str) -> Text:
    """What is wrong with one value. A complaint that has no words here is quoted as the library said it."""
    if kind := kind_expected(type_, facts, value):
        return kinds_expected([kind], value)
    if type_ in _CHOICES:
        return Text(f"不能是 {_shown(value)}", f"cannot be {_shown(value)}")
    if type_ in _LIMITS:
        limit = _LIMITS[type_]
        if facts.get("pattern") in _PATTERNS:
            limit = _PATTERNS[facts["pattern"]]
        zh, en = (f"{_shown(value)} {each.format(**facts)}" for each in limit)
        return Text(zh.strip(), en.strip())
    plain = said.removeprefix("Value error, ")
    return Text(f"{_shown(value)} 不可用：{plain}".strip(), f"{_shown(value)} cannot stand here: {plain}".strip())


def kind_expected(type_: str, facts: Mapping[str, Any], value: Any) -> Text | None:
    """The kind of value that was wanted, when this complaint is about the kind; None when it is about the value."""
    if type_ in _CHOICES and isinstance(value, dict | list | None):
        expected = facts.get("expected", "")
        return Text(expected.replace(" or ", " 或 "), expected)
    return _KINDS.get(type_)


def kinds_expected(wanted: Sequence[Text], value: Any) -> Text:
    """`expected text or a list, found a number`."""
    kinds = list(dict.fromkeys(wanted))
    found = _kind_of(value)
    wanted_zh, wanted_en = "或".join(kind.zh for kind in kinds), " or ".join(kind.en for kind in kinds)
    return Text(
        f"应为{wanted_zh}，写的是{found.zh} {_shown(value)}".rstrip(),
        f"expected {wanted_en}, found {found.en} {_shown(value)}".rstrip(),
    )


def cure_of(type_: str, facts: Mapping[str, Any], value: Any) -> Text | None:
    """What would be right, where that is plain from the complaint."""
    if type_ == "string_type" and isinstance(value, int | Decimal):
        return Text(f'若是文字请加引号："{value}"', f'quote it if it is text: "{value}"')
    if type_ in _CHOICES and not isinstance(value, dict | list):
        return meant(str(value), _alternatives(str(facts.get("expected", ""))))
    if type_ in ("list_type", "tuple_type"):
        return Text("每行以“- ”开头，或写成 [ … ]", "begin each line with `- `, or write [ … ]")
    return None


def _alternatives(expected: str) -> list[str]:
    """Pydantic lists what was expected as `'a', 'b' or 'c'`."""
    return [part.strip().strip("'") for part in expected.replace(" or ", ", ").split(", ") if part.strip()]


def _kind_of(value: Any) -> Text:
    match value:
        case None:
            return _NOTHING
        case bool():
            return _YES_NO
        case int() | Decimal():
            return _NUMBER
        case str():
            return _TEXT
        case list():
            return _LIST
        case _:
            return _MAPPING


def _shown(value: Any) -> str:
    """A short value as it is written; nothing for a group, which stands at the position for all to see."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = str(value)
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"
