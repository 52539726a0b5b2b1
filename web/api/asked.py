"""What a program sends: JSON read strictly, once the guard has let the request in.

Refused are: other media types, more than the limit, text that is no UTF-8, names that are given twice, NaN and its
kind, whole numbers beyond 2⁵³, letters that no store keeps, and what is nested deeper than any form. Numbers with
decimals are kept as the text that was sent, so that nothing is rounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Generic, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from web.errors import visit_of
from web.problems import Fault, Problem, pointer

LIMIT = 16 * 1024 * 1024
"""The largest JSON that is read, in bytes."""

DEEPEST = 16
LARGEST = 2**53

_UNKEPT = re.compile(r"[\x00\ud800-\udfff]")

Shape = TypeVar("Shape", bound=BaseModel)


class Asked(BaseModel):
    """What a request may say; nothing else is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(Generic[Shape]):
    """A dependency that reads the body as a shape: `told: Annotated[Acting, Depends(Body(Acting))]`."""

    def __init__(self, shape: type[Shape]) -> None:
        self.shape = shape
        self._adapter = TypeAdapter(shape)

    async def __call__(self, request: Request) -> Shape:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Problem(415, "api_json_only", {"sent": kind[:100]})
        try:
            return self._adapter.validate_python(read(await content_of(request)))
        except ValidationError as error:
            lang = visit_of(request).lang
            faults = [
                Fault("body", pointer(*each["loc"]), said(each["type"], each["msg"], lang)) for each in errors_of(error)
            ]
            raise Problem(422, faults=faults) from error


def errors_of(error: ValidationError) -> list[Any]:
    """The errors, without what was sent."""
    return error.errors(include_url=False, include_input=False, include_context=False)


async def content_of(request: Request) -> bytes:
    """The whole body. Raises `Problem` where it is too large."""
    found = bytearray()
    try:
        async for chunk in request.stream():
            found += chunk
            if len(found) > LIMIT:
                raise Problem(413, "api_body_limit", {"most": LIMIT})
    except ClientDisconnect as gone:
        raise Problem(400) from gone
    return bytes(found)


def read(content: bytes) -> Any:
    """JSON as data. Raises `Problem`."""
    try:
        found = json.loads(
            content.decode(),
            object_pairs_hook=_once,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_exact,
        )
    except _Odd as odd:
        raise Problem(422, odd.key, odd.facts) from odd
    except RecursionError as error:
        raise Problem(422, "api_nested", {"most": DEEPEST}) from error
    except ValueError as error:
        raise Problem(400, "api_no_json") from error
    _look(found, 0)
    return found


class _Odd(Exception):
    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Odd("api_twice", name=_UNKEPT.sub("?", name)[:100])
        found[name] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise _Odd("api_number", number=text)


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST:
        raise _Odd("api_number", number=text[:40])
    return int(text)


def _exact(text: str) -> str:
    if len(text) > 40 or len(text.lower().partition("e")[2]) > 3:
        raise _Odd("api_number", number=text[:40])
    return text


def _look(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise Problem(422, "api_nested", {"most": DEEPEST})
    if isinstance(value, str) and _UNKEPT.search(value):
        raise Problem(422, "api_letters")
    if isinstance(value, dict):
        for name, part in value.items():
            _look(name, depth)
            _look(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            _look(part, depth + 1)


_WORDS: Mapping[str, tuple[str, str]] = {
    "missing": ("必填", "is required"),
    "extra_forbidden": ("没有这一项", "there is no such part"),
    "string_type": ("应为文字", "should be a text"),
    "int_type": ("应为整数", "should be a whole number"),
    "list_type": ("应为列表", "should be a list"),
    "dict_type": ("应为对象", "should be an object"),
    "model_attributes_type": ("应为对象", "should be an object"),
    "model_type": ("应为对象", "should be an object"),
    "literal_error": ("不在可选值之内", "is none of the choices"),
}


def said(kind: str, message: str, lang: str) -> str:
    """What is wrong, in words."""
    if kind in _WORDS:
        return _WORDS[kind][0 if lang == "zh" else 1]
    return f"不符合要求：{message}" if lang == "zh" else message
