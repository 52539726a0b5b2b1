"""The certificates of an answer in the order of DER: many authorities send them as a chain, the signer first, and the
library that reads answers demands a set in its order (X.690 section 11.6). No signature covers that order, and no
length changes.
"""

from __future__ import annotations

from collections.abc import Iterator

CERTIFICATES = 0xA0
"""The tag of the certificates within SignedData (RFC 5652 section 5.1)."""

_LONG = 0x80


def in_order(answer: bytes) -> bytes:
    """The same answer with its certificates in order; whatever has another form stays as it is."""
    try:
        _, token = _parts(answer, *_inside(answer, 0))
        _, content = _parts(answer, *_inside(answer, token[0]))
        ((signed, _),) = _parts(answer, *_inside(answer, content[0]))
        among = _parts(answer, *_inside(answer, signed))
        start, end = next(_inside(answer, at) for at, _ in among if answer[at] == CERTIFICATES)
        ordered = sorted(answer[at:stop] for at, stop in _parts(answer, start, end))
    except (IndexError, StopIteration, ValueError):
        return answer
    return answer[:start] + b"".join(ordered) + answer[end:]


def _parts(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each value between two places begins and ends. Raises IndexError, ValueError."""
    while start < end:
        stop = _inside(data, start)[1]
        yield start, stop
        start = stop


def _inside(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the value at a place begins and ends. Raises IndexError, ValueError."""
    length, start = data[at + 1], at + 2
    if length == _LONG:
        raise ValueError("DER tells each length")
    if length > _LONG:
        start += length - _LONG
        length = int.from_bytes(data[at + 2 : start], "big")
    if start + length > len(data):
        raise IndexError(at)
    return start, start + length
