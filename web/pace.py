"""How often one address may do something: counted here, by this server, for as long as it counts."""

from __future__ import annotations

from collections import OrderedDict, deque
from threading import Lock

from workflows.clock import monotonic

KNOWN = 10_000
"""Addresses that are remembered; the one that was seen least lately is forgotten first."""


class Pace:
    """At most `most` times in so many `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Whether it may be done once more; if so it counts."""
        now = monotonic()
        with self._lock:
            times = self._seen.setdefault(address, deque())
            self._seen.move_to_end(address)
            while times and times[0] <= now - self._seconds:
                times.popleft()
            while len(self._seen) > KNOWN:
                self._seen.popitem(last=False)
            if len(times) >= self._most:
                return False
            times.append(now)
            return True
