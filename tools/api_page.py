"""The generated parts of `docs/api.md`: each operation of the REST API with what it takes and answers, and each shape.

They stand between `<!-- operation: METHOD PATH -->` and `<!-- end -->`, the shapes between `<!-- shapes -->` and the
same. What follows an operation, up to the next one, is written by people: an example that runs in a test. An operation
that has no place yet gets one before the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI

import web.api
from tools.pages import DOCS, parts_of, renewed_parts, told_after
from web.access import Routes
from web.api.contract import operations, schema_of
from web.app import add

PAGE = DOCS / "api.md"

_PART = parts_of("operation", r"[A-Z]+ \S+")
_SHAPES = re.compile(r"<!-- shapes -->\n.*?<!-- end -->\n", re.DOTALL)


@cache
def contract() -> Mapping[str, Any]:
    """The contract, made from the routes alone."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.writers = CapacityLimiter(1)  # nobody asks here
    for each in iter_modules(web.api.__path__):
        routes = getattr(import_module(f"web.api.{each.name}"), "routes", None)
        if isinstance(routes, Routes):
            add(app, routes)
    return schema_of(app)


def known() -> dict[str, Mapping[str, Any]]:
    """Every operation by its method and path."""
    return {f"{one['method']} {one['path']}": one for one in operations(contract())}


def renewed(text: str) -> str:
    """The text of the page with each operation's part and the shapes written anew, and a place for what had none."""
    kept, new = renewed_parts(text, _PART, {name: partial(_part, name, one) for name, one in known().items()})
    return _SHAPES.sub(lambda _: (new and f"{new[1:]}\n") + _shapes(), kept)


def examples(text: str) -> dict[str, str]:
    """What people wrote for each operation: all that follows its part, up to the next one or the shapes."""
    shapes = _SHAPES.search(text)
    return told_after(text, _PART, shapes.start() if shapes else None)


def _part(name: str, one: Mapping[str, Any]) -> str:
    body = one.get("requestBody", {}).get("content", {})
    lines = [f"<!-- operation: {name} -->", f"## {name}", "", f"{one['zh']}。 {one['en']}.", "", one["about"], ""]
    lines += list(_parameters(one))
    if body:
        kind, told = next(iter(body.items()))
        lines += [f"Takes {_kind(told['schema'])} as `{kind}`.", ""]
    lines += [f"Who: {one['x-need']}. Answers {_answers(one['responses'])}.", "<!-- end -->"]
    return "\n".join(lines) + "\n"


def _parameters(one: Mapping[str, Any]) -> Iterator[str]:
    if one["parameters"]:
        yield from ("| parameter | in | | |", "| --- | --- | --- | --- |")
        for each in one["parameters"]:
            need = "needed" if each["required"] else ""
            cells = (f"`{each['name']}`", each["in"], need, _plain(each.get("description", "")))
            yield f"| {' | '.join(cells)} |"
        yield ""


def _answers(responses: Mapping[str, Any]) -> str:
    good = [f"{status} {_content(told)}".strip() for status, told in responses.items() if status < "4"]
    return f"{', '.join(good)}; or a problem: {', '.join(sorted(status for status in responses if status >= '4'))}"


def _content(told: Mapping[str, Any]) -> str:
    kinds = [
        _kind(each["schema"]) if kind == "application/json" else f"`{kind}`"
        for kind, each in told.get("content", {}).items()
        if each.get("schema") or kind != "application/json"
    ]
    return ", ".join(kinds)


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[`{name}`](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _shapes() -> str:
    lines = ["<!-- shapes -->"]
    for name, shape in sorted(contract()["components"]["schemas"].items()):
        lines += [f"### {name}", "", _plain(shape.get("description", "")), "", "| | | |", "| --- | --- | --- |"]
        lines += [
            f"| `{part}` | {_kind(told)} | {_plain(told.get('description', ''))} |"
            for part, told in shape.get("properties", {}).items()
        ]
        lines.append("")
    return "\n".join([*lines, "<!-- end -->"]) + "\n"


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")
