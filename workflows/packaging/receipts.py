"""The receipt of one act: what was recorded, its hash, the head that was signed last, and once there is one its proof.

    duban-receipt/1
    {"hash":…,"header":…,…}     the event, as a line of `events.ndjson` of an audit package has it

    …                           its proof (C2SP tlog-proof) once it is sealed; until then the head that was signed last,
                                if any was

Whoever reported keeps it. With its proof it shows by the key of the log alone that the report stood in the record;
without one it is the word of whoever shows it, which the office can look up (`duban seal check --receipt`). The head on
it covers what was recorded before. Personal values are withheld as in a package, so that it may lie on any desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.chain import canonical, parsed, seal
from engine.commands import Refusal
from engine.events import SYSTEM, Event, Json
from engine.problems import Spoken
from engine.reasons import reason_of
from workflows.audit.sealing.checkpoints import is_checkpoint
from workflows.audit.sealing.ports import Log
from workflows.audit.sealing.printed import Mistyped, events_in, found_in, head_lines, printed_event
from workflows.audit.sealing.proving import FIRST_LINE, NoProof, Proof, prove, read_proof
from workflows.audit.sealing.values import MAIN, Leaf, Row
from workflows.desk import Desk
from workflows.packaging.withholding import everything, of_sheet, withheld

RECEIPT = "duban-receipt/1"
NUMBERS = 2**31
"""Below this are the numbers of events; no database has to be asked for others."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An event, less what the law protects; the head that was signed last when the receipt was taken, or the proof."""

    row: Row
    note: str | None
    proof: Proof | None

    def to_text(self) -> str:
        """As it is kept in a file."""
        rest = self.proof.to_text() if self.proof else self.note
        return f"{RECEIPT}\n{canonical(self.row._asdict())}\n\n{rest or ''}"

    def lines(self, lang: str) -> list[str]:
        """As it stands on paper: the event, then the head, both to be typed again."""
        return [*printed_event(self.row.leaf, lang), *head_lines(self.note, lang)]

    def to_json(self, lang: str) -> dict[str, Json]:
        """For programs."""
        told = {"event": f"{self.row.stream}#{self.row.seq}", "hash": self.row.hash, "head": self.note}
        return {**told, "proof": self.proof and self.proof.to_text(), "lines": self.lines(lang), "text": self.to_text()}


def receipt_of(desk: Desk, log: Log, task: str, seq: int) -> Receipt | None:
    """The receipt of an event of a task, as of now; None where there is no such event."""
    about, row = desk.store.task(task), log.row(task, seq)
    if about is None or row is None:
        return None
    edition = str(parsed(row.header).get("edition") or about.edition)
    sheet = desk.book(edition)[0].sheets.get(about.kind)
    head, proof = log.checkpoint(MAIN), prove(log, task, seq)
    note = head.note if head is not None and is_checkpoint(head.note) else None
    hidden = everything if sheet is None else of_sheet(sheet)
    return Receipt(withheld(row, hidden), note, None if isinstance(proof, Refusal) else proof)


def own_event(events: Sequence[Event], task: str) -> Event | None:
    """Of what happened by an act the event that says what was asked by somebody."""
    told = (each for each in events if each.task == task and each.payload.get("command"))
    return next((each for each in told if each.actor != SYSTEM), None)


# -- as somebody shows it


@dataclass(frozen=True, slots=True)
class Held:
    """What a receipt says that somebody holds: events, and heads (a note, or the paper without a signature)."""

    events: Sequence[Leaf]
    text: str
    """What stands beside them: notes and printed heads."""


class NoReceipt(Spoken, ValueError):
    """A text is no receipt, or does not say the same twice; `text` says why."""


def read_receipt(text: str) -> Held:
    """A receipt in a file, the text of a printed one, or its event as somebody typed it. Raises `NoReceipt`."""
    found = _read(text)
    if not all(0 < each.seq < NUMBERS and each.stream.isprintable() for each in found.events):
        raise NoReceipt("没有哪条记录叫这个名称、是这个序号", "no event has such a name and number")
    return found


def _read(text: str) -> Held:
    if text.startswith(f"{RECEIPT}\n"):
        return _from_file(text)
    if text.startswith(FIRST_LINE):
        return _proved(text, None)
    try:
        found = list(events_in(text))
        list(found_in(text))
    except Mistyped as error:
        raise NoReceipt(*error.text) from error
    if not found:
        raise NoReceipt("其中没有带哈希的记录", "no event with its hash stands in it")
    return Held(found, text)


def _from_file(text: str) -> Held:
    top, _, rest = text.partition("\n\n")
    try:
        row = Row(**parsed(top.partition("\n")[2]))
        whole = seal(row.prev, row.header, row.payload, row.salts) == row.hash
        header = parsed(row.header)
        placed = (header["task"], header["seq"]) == (row.stream, row.seq)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise NoReceipt("所载的记录读不出来", "its event cannot be read") from error
    if type(row.stream) is not str or type(row.seq) is not int or not whole or not placed:
        raise NoReceipt("所载的记录与其哈希不符", "its event is not the one of this hash")
    return _proved(rest, row.leaf) if rest.startswith(FIRST_LINE) else Held([row.leaf], rest)


def _proved(text: str, leaf: Leaf | None) -> Held:
    try:
        proof = read_proof(text)
        place, said = proof.leaf.rsplit(" ", 1)
        found = Leaf(place.rpartition("#")[0], int(place.rpartition("#")[2]), said)
    except (NoProof, ValueError) as error:
        why = reason_of(error)
        raise NoReceipt(f"所附的证明读不出来：{why.zh}", f"its proof cannot be read: {why.en}") from error
    if leaf is not None and leaf != found:
        raise NoReceipt("所附的证明是另一条记录的", "its proof is of another event")
    return Held([found], proof.note)
