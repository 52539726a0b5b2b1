"""Drafts of definitions: texts on the way to publication, kept so that two administrators never overwrite each other.

A draft is kept under its name with a version that counts, also where it is thrown away and begun anew: a number never
means two texts. Whoever saves says which version they have read; where somebody else has saved since, nothing is
written and both texts are shown. A draft decides nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from engine.chain import canonical
from engine.commands import Refusal
from engine.events import iso
from workflows.desk import Desk

LONGEST = 1_000_000
"""Characters; a definition is refused at a megabyte."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where texts of one kind lie, and what they are called there."""

    kind: str
    names: re.Pattern[str]


DEFINITIONS = Shelf("draft", re.compile(r"[a-z][a-z0-9-]{0,59}"))
PLANS = Shelf("plan", re.compile(r"[a-z][a-z0-9_-]{0,59}:[0-9A-Za-z._-]{1,40}:[0-9A-Za-z._-]{1,40}"))
"""Plans of migrations, by process and both editions."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text under its name, with the scenarios that are written beside it. `version` counts the times that it was
    saved; `by` saved it last, `at` that instant.
    """

    name: str
    text: str
    version: int
    by: str
    at: str
    scenarios: str = ""


def drafts(desk: Desk, shelf: Shelf = DEFINITIONS) -> list[Draft]:
    """Every draft, by name."""
    found = (draft(desk, name, shelf) for name in _names(desk, shelf))
    return [each for each in found if each is not None]


def draft(desk: Desk, name: str, shelf: Shelf = DEFINITIONS) -> Draft | None:
    """One draft, or None."""
    return _there(desk.store.note(_key(shelf, name)))


def _there(note: str | None) -> Draft | None:
    told = json.loads(note) if note else None
    return Draft(**told) if isinstance(told, dict) else None


def _counted(note: str | None) -> int:
    """The last version; of a draft that was thrown away nothing but this is kept."""
    told = json.loads(note) if note else 0
    return int(told["version"] if isinstance(told, dict) else told)


def save(
    desk: Desk, name: str, text: str, version: int, by: str, shelf: Shelf = DEFINITIONS, *, scenarios: str | None = None
) -> Draft | Refusal:
    """Keep a text as the version after `version`; 0 begins a draft. Its scenarios stay as they are where none are
    given. Refused where it is another one by now.
    """
    if not shelf.names.fullmatch(name):
        return Refusal("draft_name", {"name": name})
    if max(len(text), len(scenarios or "")) > LONGEST:
        return Refusal("draft_too_long", {"most": LONGEST})
    before = desk.store.note(_key(shelf, name))
    there = _there(before)
    if (there.version if there else 0) != version:
        return stale(name, there)
    beside = scenarios if scenarios is not None else there.scenarios if there else ""
    kept = Draft(name, text, _counted(before) + 1, by, iso(desk.clock()), beside)
    if not desk.store.swap_note(_key(shelf, name), before, canonical(asdict(kept))):
        return stale(name, draft(desk, name, shelf))
    _list(desk, shelf, name, there=True)
    return kept


def drop(desk: Desk, name: str, version: int, shelf: Shelf = DEFINITIONS) -> Refusal | None:
    """Throw a draft away, in the version that was read."""
    before = desk.store.note(_key(shelf, name))
    there, key = _there(before), _key(shelf, name)
    if there is None or there.version != version or not desk.store.swap_note(key, before, str(version)):
        return stale(name, draft(desk, name, shelf))
    _list(desk, shelf, name, there=False)
    return None


def stale(name: str, there: Draft | None) -> Refusal:
    """The refusal of whoever has not read what is there."""
    return Refusal(
        "draft_stale", {"name": name, "by": there.by if there else "—", "now": there.version if there else 0}
    )


def _key(shelf: Shelf, name: str) -> str:
    return f"{shelf.kind}:{name}"


def _index(shelf: Shelf) -> str:
    return f"{shelf.kind}s"


def _names(desk: Desk, shelf: Shelf) -> list[str]:
    note = desk.store.note(_index(shelf))
    return sorted(json.loads(note)) if note else []


def _list(desk: Desk, shelf: Shelf, name: str, *, there: bool) -> None:
    """Put a name on the list of drafts, or take it off; tried again while others do."""
    while True:
        before = desk.store.note(_index(shelf))
        names = set(json.loads(before)) if before else set()
        after = names | {name} if there else names - {name}
        if after == names or desk.store.swap_note(_index(shelf), before, canonical(sorted(after))):
            return
