"""Small processes for tests, written without what a test does not care about: the head and the titles are filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine.document import Document
from engine.edition import Edition
from engine.loading import load
from engine.reading import read
from workflows.authoring.scenarios import Script, parse

HEAD: Mapping[str, Any] = {
    "process": "says",
    "edition": "1",
    "title": {"zh": "试", "en": "Says"},
    "timezone": "Asia/Shanghai",
    "calendar": "cn",
    "registration": {"by": "office"},
}
ROLES: Mapping[str, Any] = {"office": {"backdate": True}, "lead": {}}

_TITLED = frozenset(
    {"fields", "form", "columns", "choices", "states", "deadlines", "parameters"}
    | {"roles", "children", "measures", "notices", "publications"}
)
_ITEMS = frozenset({"transitions", "scenarios"})


def edition(fragment: Mapping[str, Any]) -> Edition:
    """A definition from its parts. Fails with all its problems where it is not right."""
    whole = titled({**HEAD, **fragment, "roles": {**ROLES, **fragment.get("roles", {})}})
    loaded = load(json.dumps(whole, ensure_ascii=False, indent=1, default=float), "process.yaml")
    assert loaded.edition is not None, "\n".join(problem.text("en") for problem in loaded.problems)
    return loaded.edition


def script(scenarios: list[Any]) -> Script:
    """Scenarios from data. Fails with all their problems where they are not right."""
    named = [{"zh": one["scenario"], "en": one["scenario"], **one} for one in scenarios]
    parsed = parse(json.dumps(named, ensure_ascii=False, indent=1, default=float), "scenarios.yaml")
    assert not parsed.problems, "\n".join(problem.text("en") for problem in parsed.problems)
    return parsed


def yaml(text: str) -> Any:
    """The data of a YAML text, read as definitions are."""
    document = read(text, "text.yaml")
    assert isinstance(document, Document), "\n".join(problem.text("en") for problem in document)
    return document.data


def titled(node: Any, under: str = "", name: str = "") -> Any:
    """The same with a Chinese and an English title (its name) wherever one has to stand and none does."""
    if isinstance(node, list):
        return [_with_titles(titled(item), _title_of(item)) if under in _ITEMS else titled(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    inner = {key: titled(value, key, key) for key, value in node.items()}
    if under == "milestones" and "fields" in inner:
        return _with_titles(inner, name)
    if under in _TITLED:
        return {key: _with_titles(value, key) if isinstance(value, Mapping) else value for key, value in inner.items()}
    return inner


def _title_of(item: Any) -> str:
    return str(item["trigger"]) if isinstance(item, Mapping) and "trigger" in item else ""


def _with_titles(node: Any, name: str) -> Any:
    return {"zh": name, "en": name, **node} if name and isinstance(node, Mapping) else node
