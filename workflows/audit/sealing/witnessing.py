"""A witness of one's own: a file that remembers the last head seen of each log, with the key that signed it.

The first head is believed; after that the key may not change, and each head must go on from the one before. Whoever
keeps the file where the administrator of the database cannot write has a head from outside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.commands import Refusal
from engine.tree import Head
from workflows.audit.sealing.checkpoints import NoKey, NotSigned, Verifier, head_of, verifier_of
from workflows.audit.sealing.growth import grows
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.values import MAIN
from workflows.whole import write_whole


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness knows of a log."""

    key: str
    note: str


class WitnessBroken(ValueError):
    """The file of a witness cannot be read."""


def seen_in(file: Path) -> Mapping[str, Seen]:
    """What a witness remembers, by origin; nothing where there is no file yet. Raises `WitnessBroken`, `OSError`."""
    if not file.exists():
        return {}
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return {origin: Seen(str(each["key"]), str(each["checkpoint"])) for origin, each in told.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WitnessBroken(str(file)) from error


def witness(log: Log, file: Path, note: str, who: Verifier, tree: str = MAIN) -> Refusal | Head:
    """Look at a head of this log, and remember it. Refuses one that does not go on from the one remembered. Raises
    `WitnessBroken`, `OSError`.
    """
    known = seen_in(file)
    before, told = known.get(who.name), {"origin": who.name, "file": str(file)}
    try:
        if before is not None and before.key != str(who):
            return Refusal("witness_key", {**told, "known": before.key, "key": str(who)})
        head = head_of(note, who)
        old = head_of(before.note, verifier_of(before.key)) if before is not None else None
    except (NotSigned, NoKey) as error:
        return Refusal("witness_unsigned", {**told, "reason": error.text.both})
    if old is not None and (head.size < old.size or not grows(log, tree, old, head)):
        return Refusal("witness_fork", {**told, "seen": old.size, "size": head.size})
    if old != head:
        kept = {**{name: (each.key, each.note) for name, each in known.items()}, who.name: (str(who), note)}
        _write(file, kept)
    return head


def _write(file: Path, kept: Mapping[str, tuple[str, str]]) -> None:
    told = {origin: {"key": key, "checkpoint": note} for origin, (key, note) in sorted(kept.items())}
    write_whole(file, json.dumps(told, ensure_ascii=False, indent=1) + "\n", 0o644)
