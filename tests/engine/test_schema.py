"""The schema for editors: every key is explained, and what the loader accepts is not marked as wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.reading import read
from engine.schema import DIALECT, json_schema

ROOT = Path(__file__).parents[2]
SAMPLE = Path(__file__).with_name("loading_sample.yaml")
DEFINITIONS = [SAMPLE, *sorted((ROOT / "definitions").glob("**/process.yaml"))]
TYPES = {"string": str, "boolean": bool, "array": list, "object": dict, "null": type(None)}


def _faults(schema: Any, value: Any, root: Any, path: str = "") -> Iterator[str]:
    """A small validator: what the schema of this language uses of JSON Schema, and nothing else."""
    if "$ref" in schema:
        yield from _faults(root["$defs"][schema["$ref"].rpartition("/")[2]], value, root, path)
    if "anyOf" in schema:
        tried = [list(_faults(each, value, root, path)) for each in schema["anyOf"]]
        if all(tried):
            yield min(tried, key=len)[0]
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is(value, each) for each in types):
        yield f"{path}: {value!r} is not {types}"
        return
    yield from _plain_faults(schema, value, path)
    if isinstance(value, dict) and types:
        yield from _object_faults(schema, value, root, path)
    if isinstance(value, list) and "items" in schema:
        for index, each in enumerate(value):
            yield from _faults(schema["items"], each, root, f"{path}/{index}")


def _is(value: Any, kind: str) -> bool:
    if kind in ("number", "integer"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, TYPES[kind])


def _plain_faults(schema: Any, value: Any, path: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{path}: {value!r} does not match"


def _object_faults(schema: Any, value: dict[str, Any], root: Any, path: str) -> Iterator[str]:
    known = dict(schema.get("properties", {}))
    for pattern, inner in schema.get("patternProperties", {}).items():
        known |= {key: inner for key in value if re.search(pattern, key)}
    yield from (f"{path}: {key} is missing" for key in schema.get("required", ()) if key not in value)
    for key, each in value.items():
        if key in known:
            yield from _faults(known[key], each, root, f"{path}/{key}")
        elif schema.get("additionalProperties") is False:
            yield f"{path}: unknown key {key}"
        elif isinstance(schema.get("additionalProperties"), dict):
            yield from _faults(schema["additionalProperties"], each, root, f"{path}/{key}")


def _plain(path: Path) -> Any:
    document = read(path.read_text(encoding="utf-8"), path.name)
    assert not isinstance(document, list)
    return json.loads(json.dumps(document.data, default=float))


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_sound_definition_is_not_marked(path: Path) -> None:
    schema = json_schema()
    assert list(_faults(schema, _plain(path), schema)) == []


@pytest.mark.parametrize("fault", ["unknown key", "wrong type", "missing key", "no such colour"])
def test_a_fault_is_marked(fault: str) -> None:
    schema, data = json_schema(), _plain(SAMPLE)
    match fault:
        case "unknown key":
            data["transitions"][0]["froom"] = "any"
        case "wrong type":
            data["states"]["done"]["final"] = "perhaps"
        case "missing key":
            del data["transitions"][0]["trigger"]
        case _:
            data["signals"][0] = {"purple": "true"}
    assert list(_faults(schema, data, schema))


def test_every_key_has_a_description() -> None:
    schema = json_schema()
    assert schema["$schema"] == DIALECT
    for each in (schema, *schema["$defs"].values()):
        for key, inner in each.get("properties", {}).items():
            assert inner["description"], key
            assert not key.endswith("_"), "a key as it is written in a definition"


def test_the_schema_is_plain_json() -> None:
    assert json.loads(json.dumps(json_schema())) == json_schema()
