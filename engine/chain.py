"""The shape of the evidence, frozen by the first release: recorded text, salted digests of its lines, the hash chain.

    leaf = SHA-256(salt line)                 of each line of the payload's text, under a salt of its own
    hash = SHA-256(prev header leaf leaf …)   leaves in the order of their lines

What is hashed is what is stored: nobody has to write JSON again to verify it. `prev`, the hash of the event before, and
salts are lower-case hexadecimal text, header and payload one JSON object each; text is hashed as UTF-8, leaves as
their 32 bytes, with nothing between the parts.

The text of a payload is canonical JSON, broken into lines so that each value which may be about a person (`APART`)
stands on a line of its own (`"percent":"12.5",`) and what is around it on others. So one value can be erased later, its
line and its salt, while its digest stays and every proof holds (`engine.lines`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import orjson
from msgspec import Struct
from msgspec.json import Decoder

from engine.events import Event, EventType, Json, iso
from engine.lines import DIGITS, SALT_BYTES, any_gone, gone, leaf, readable

GENESIS = "0" * 64
"""What the first event of every stream has for `prev`."""

APART = frozenset({"facts", "fields", "form", "milestones", "opening", "set", "text"})
"""The parts of a payload that may tell of a person: values of fields by their names, and what people wrote. A new part
is added here; what is recorded already is verified by its own lines.
"""

_dumps, _SORTED, _Ready = orjson.dumps, orjson.OPT_SORT_KEYS, orjson.Fragment


def canonical(value: Json) -> str:
    """One text for one value: keys sorted, no white space, characters as they are. Floats do not occur in events.

    The same text as Python's `json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))`.
    """
    return _encode(value).decode()


def quoted(word: str) -> str:
    """How a text stands within canonical JSON: without the quotes."""
    return canonical(word)[1:-1]


def parsed(text: str) -> Json:
    """The inverse of `canonical`, and of `recorded_text`."""
    return orjson.loads(text)


def _encode(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


# -- texts


def recorded_text(payload: Mapping[str, Json]) -> str:
    """A payload as it is recorded: canonical JSON but for the line breaks, which stand around what is set apart."""
    command = payload.get("command")
    if command and command.get("reason") is not None:
        payload = {**payload, "command": {**command, "reason": _line(command["reason"])}}
    if APART.isdisjoint(payload):
        return _dumps(payload, None, _SORTED).decode()
    told = {name: _apart(part) if part and name in APART else part for name, part in payload.items()}
    return _dumps(told, None, _SORTED).decode()


def _apart(part: Json) -> orjson.Fragment:
    if not isinstance(part, dict):
        return _line(part)
    values = [_dumps({name: part[name]}, None, _SORTED)[1:-1] for name in sorted(part)]
    return _Ready(b"{\n" + b",\n".join(values) + b"\n}")


def _line(value: Json) -> orjson.Fragment:
    return _Ready(b"\n" + _encode(value) + b"\n")


def header(event: Event, recorded_at: str) -> str:
    """The canonical header: everything about an event but its payload."""
    return canonical(
        {
            "v": 1,
            "type": event.type.value,
            "task": event.task,
            "seq": event.seq,
            "occurred_at": iso(event.occurred_at),
            "recorded_at": recorded_at,
            "due_at": event.due_at and iso(event.due_at),
            "actor": event.actor,
            "cause": event.cause,
            "edition": event.edition,
        }
    )


class Header(Struct, frozen=True, gc=False):
    """A header, read."""

    type: EventType
    task: str
    seq: int
    occurred_at: datetime
    recorded_at: datetime
    due_at: datetime | None
    actor: str
    cause: str
    edition: str


_header = Decoder(Header).decode


class Top(Struct, frozen=True, gc=False):
    """What the columns beside an event repeat of its header, of a task or of any other stream."""

    type: str
    task: str
    seq: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    edition: str


top = Decoder(Top).decode
"""Reads it from a header. Raises ValueError for what is none."""


def recorded_event(header_text: str, payload_text: str, salts: str) -> tuple[Event, datetime]:
    """An event and when it was recorded, read from the texts that the chain proves; what was erased of it is null.
    Raises ValueError where they cannot be read.
    """
    if any_gone(payload_text, salts):
        payload_text = readable(payload_text, salts)
    told = _header(header_text)
    event = Event(
        told.type,
        told.task,
        told.seq,
        told.occurred_at,
        told.due_at,
        told.actor,
        told.cause,
        told.edition,
        orjson.loads(payload_text),
    )
    return event, told.recorded_at


# -- digests


def salt_bytes(payload: str) -> int:
    """How much randomness the salts of a payload's text take: `SALT_BYTES` for each line."""
    return SALT_BYTES * (payload.count("\n") + 1)


def salted(randomness: bytes) -> str:
    """Salts as they are recorded: one for each line, spaces between."""
    return randomness.hex(" ", SALT_BYTES)


def leaves(payload: str, salts: str) -> bytes:
    """The digests of a payload's lines, one after the other; of a line that is gone the one that stands in its salt's
    place. Raises ValueError where salts and lines do not fit.
    """
    return _leaves(payload.encode(), salts.encode())


def _leaves(payload: bytes, salts: bytes) -> bytes:
    if len(salts) == 2 * SALT_BYTES:  # one line, as most events have: the hottest line of every verification
        return sha256(salts + payload).digest()
    lines = payload.split(b"\n")
    if len(salts) != (2 * SALT_BYTES + 1) * len(lines) - 1:
        return _leaves_left(payload.decode(), salts.decode())
    return b"".join([sha256(salt + line).digest() for salt, line in zip(salts.split(b" "), lines, strict=True)])


def _leaves_left(payload: str, salts: str) -> bytes:
    gone(payload, salts)  # a digest proves nothing about what stands beside it
    pairs = zip(salts.split(" "), payload.split("\n"), strict=True)
    return b"".join([bytes.fromhex(word) if len(word) == DIGITS else leaf(word, line) for word, line in pairs])


def link(prev: str, header_text: str, digests: bytes) -> str:
    """The hash that the next event of the stream will name as its `prev`, in hexadecimal."""
    return sha256((prev + header_text).encode() + digests).hexdigest()


def seal(prev: str, header_text: str, payload: str, salts: str) -> str:
    """The hash of an event from its texts. Raises ValueError where salts and lines do not fit."""
    return sealed(prev, header_text.encode(), payload.encode(), salts.encode())


def sealed(prev: str, header_text: bytes, payload: bytes, salts: bytes) -> str:
    """The same of texts as UTF-8, as whoever reads millions of them has them."""
    # `link` written out: a call less in the hottest line of every verification
    return sha256(prev.encode() + header_text + _leaves(payload, salts)).hexdigest()
