"""The shape of the evidence, frozen by the first release: canonical JSON, salted field digests, and the hash chain.

    leaf(path)     = SHA-256(0x00 || salt || path || 0x00 || canonical(value))
    payload digest = SHA-256(0x01 || leaf || leaf || …), leaves in the order of their paths
    hash           = SHA-256(prev || header || payload digest)

A payload's leaves are its top-level values; where such a value is an object, its own values are (`form/percent`).
Each leaf has a salt of its own, so that one field can be erased later, value and salt, while its digest stays and
every proof holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import orjson

from engine.events import Event, Json, iso

GENESIS = "0" * 64
"""What the first event of every stream has for `prev`."""

SALT_BYTES = 16

_dumps, _SORTED = orjson.dumps, orjson.OPT_SORT_KEYS


def canonical(value: Json) -> str:
    """One text for one value: keys sorted, no white space, characters as they are. Floats do not occur in events.

    The same text as Python's `json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))`.
    """
    return _encode(value).decode()


def parsed(text: str) -> Json:
    """The inverse of `canonical`."""
    return orjson.loads(text)


def _encode(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def leaves(payload: Mapping[str, Json]) -> dict[str, Json]:
    """Path → value for each leaf of a payload, in the order of the paths."""
    found: dict[str, Json] = {}
    for key, value in payload.items():
        if isinstance(value, dict) and value:
            for inner, part in value.items():
                found[f"{key}/{inner}"] = part
        else:
            found[key] = value
    return {path: found[path] for path in sorted(found)}


def leaf_digest(path: str, value: Json, salt: bytes) -> bytes:
    """The digest of one leaf under its salt."""
    return sha256(b"\x00" + salt + path.encode() + b"\x00" + _encode(value)).digest()


def payload_digest(digests: list[bytes]) -> bytes:
    """The digest of a payload from its leaves' digests, in the order of their paths."""
    return sha256(b"\x01" + b"".join(digests)).digest()


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


def link(prev: str, header_text: str, digest: bytes) -> str:
    """The hash that the next event of the stream will name as its `prev`, in hexadecimal."""
    return sha256(bytes.fromhex(prev) + header_text.encode() + digest).hexdigest()


def sealed_payload(parts: Mapping[str, Json], salts: bytes) -> bytes:
    """The digest of a payload from its leaves, in the order of their paths, and their salts (`SALT_BYTES` for each)."""
    starts = range(0, len(parts) * SALT_BYTES, SALT_BYTES)
    # `leaf_digest` written out: the hottest line of every append and of every verification
    return payload_digest(
        [
            sha256(
                b"\x00%b%b\x00%b" % (salts[at : at + SALT_BYTES], path.encode(), _dumps(value, None, _SORTED))
            ).digest()
            for at, (path, value) in zip(starts, parts.items(), strict=True)
        ]
    )
