"""The standing job: append what was recorded, then sign, at least each minute or each hundred events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.chain import canonical, parsed
from engine.commands import Refusal
from engine.events import Json
from workflows.audit.sealing.checkpoints import Signer
from workflows.audit.sealing.ports import Log, MemoryFault
from workflows.audit.sealing.signing import Pen, sign, signer_for
from workflows.audit.sealing.values import MAIN, SEAL_KEYS, Checkpoint, Grown
from workflows.ports import Store

MOST, LONGEST = 100, timedelta(seconds=60)
"""How many events wait at most, and how long."""

SEAL_REFUSED = "seal_refused"
"""The note that keeps why the last head was not signed, or which events were not taken; empty when all was well."""


@dataclass(frozen=True)
class Sealed:
    """What came of it: what was appended, and the last heads."""

    grown: Grown
    heads: Sequence[Checkpoint]

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        return {"appended": self.grown.appended, "heads": {each.tree: each.size for each in self.heads}}


def due(log: Log, pen: Pen | None, last: datetime | None, now: datetime) -> bool:
    """Whether enough waits, or something has waited since the `last` time for long enough. `now` is the database's own
    clock.
    """
    waiting = log.waiting(MOST)
    if waiting >= MOST or last is None:
        return waiting > 0
    return now - last >= LONGEST and (waiting > 0 or (pen is not None and _unsigned(log)))


def _unsigned(log: Log) -> bool:
    main, head = log.trees().get(MAIN), log.checkpoint(MAIN)
    return main is not None and main.size > (head.size if head is not None else 0)


def seal(store: Store, log: Log, pen: Pen | None) -> Sealed | Refusal:
    """Append and sign; without a key the tree grows unsigned. A refusal is kept for whoever looks after the machine."""
    grown = log.grow()
    answer = _sealed(store, log, pen, grown)
    said = canonical({"code": answer.code, "facts": dict(answer.facts)}) if isinstance(answer, Refusal) else ""
    if (store.note(SEAL_REFUSED) or "") != said:
        store.set_note(SEAL_REFUSED, said)
    return answer


def _sealed(store: Store, log: Log, pen: Pen | None, grown: Grown) -> Sealed | Refusal:
    if grown.torn:
        return Refusal("seal_torn")
    try:
        heads = [] if pen is None else sign(log, pen)
    except MemoryFault as fault:
        return fault.refusal
    if isinstance(heads, Refusal):
        return heads
    if pen is not None:
        _publish_keys(store, log, pen.signer)
    if grown.unfit:
        first = grown.unfit[0]
        told = {"event": f"{first.stream}#{first.seq}", "why": first.why, "count": len(grown.unfit)}
        return Refusal("seal_unfit", told)
    return Sealed(grown, heads)


def _publish_keys(store: Store, log: Log, signer: Signer) -> None:
    told = canonical({tree: str(signer_for(signer, tree).verifier) for tree in log.trees()})
    if store.note(SEAL_KEYS) != told:
        store.set_note(SEAL_KEYS, told)


def keys_of(store: Store) -> Mapping[str, str]:
    """The public keys by tree, as the database tells them."""
    return dict(parsed(store.note(SEAL_KEYS) or "{}"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the tree stands: its size, its last head if any was ever signed, how much waits (up to a hundred), and why
    the last head was not signed.
    """

    size: int
    head: Checkpoint | None
    waiting: int
    refused: Mapping[str, Json] | None


def standing(store: Store, log: Log) -> Standing:
    """As of now."""
    main, refused = log.trees().get(MAIN), store.note(SEAL_REFUSED)
    size = main.size if main else 0
    return Standing(size, log.checkpoint(MAIN), log.waiting(MOST), parsed(refused) if refused else None)
