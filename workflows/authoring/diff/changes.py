"""What a comparison finds: changes, each a sentence in both languages with what it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.problems import Text

What = Literal["added", "removed", "changed", "renamed"]
EVERY_STATE: frozenset[str] = frozenset({"*"})


@dataclass(frozen=True)
class Touch:
    """Which open tasks of a body a change concerns: those in some states (`*`: in any), or with an open occurrence of
    some deadlines.
    """

    states: frozenset[str] = frozenset()
    deadlines: frozenset[str] = frozenset()


ALL = Touch(states=EVERY_STATE)


@dataclass(frozen=True)
class Change:
    """One difference in meaning. `kind` is the body ("" the process itself), `part` the key of the language under
    which it stands, `name` what it is called there.
    """

    kind: str
    part: str
    name: str
    what: What
    said: Text
    touch: Touch = ALL
    became: str = ""
    """The new name, where it is renamed."""


@dataclass(frozen=True)
class Diff:
    """All differences between two editions, in the order of the language; none where they mean the same."""

    before: str
    after: str
    changes: Sequence[Change]
