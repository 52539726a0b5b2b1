"""Who writes to a SQLite file stands in line: one at a time, first come, first served.

SQLite's own way is to try again until its lock is free, each time a little later: whoever waits holds a connection
meanwhile, and it is chance who is next. In one process this line is waited in before a connection is taken, so that
nobody who reads is short of one because others wait to write. Between processes SQLite's way is left.
"""

from __future__ import annotations

from collections import deque
from threading import Lock

from engine.problems import Text
from storage.errors import StoreBusy


class Line:
    """One place, and those who wait for it; each waits `patience` seconds at most."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._guard, self._taken, self._waiting = Lock(), False, deque[Lock]()

    def turn(self, patience: float | None = None) -> Turn:
        """Have the place to oneself; another `patience` than that of all may be named, and with 0 nobody stands in
        line. Who has it already and asks again waits in vain, as with SQLite itself.
        """
        return Turn(self, self.patience if patience is None else patience)

    def taken(self, patience: float) -> bool:
        """Whether the place could be had in time."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            if not patience:
                return False
            call = Lock()
            call.acquire()
            self._waiting.append(call)
        return call.acquire(timeout=patience) or not self._left(call)

    def _left(self, call: Lock) -> bool:
        """Whether one who waited too long was still in line, and is no more; else the place came at the last moment."""
        with self._guard:
            waited = call in self._waiting
            if waited:
                self._waiting.remove(call)
            return waited

    def hand_on(self) -> None:
        """Leave the place to who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Turn:
    """The place in line while a block of code runs. Entering it raises `StoreBusy` where it takes too long."""

    __slots__ = ("_line", "_patience")

    def __init__(self, line: Line, patience: float) -> None:
        self._line, self._patience = line, patience

    def __enter__(self) -> None:
        if not self._line.taken(self._patience):
            raise StoreBusy(Text("排在前面的写入耗时过长", "the writers before this one take too long"))

    def __exit__(self, *_error: object) -> None:
        self._line.hand_on()
