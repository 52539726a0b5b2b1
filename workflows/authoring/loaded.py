"""Texts that are being written, each loaded once: after every pause an author's page asks for findings, proofs and
scenarios of one text, all at the same time, and to load it is a good part of each.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from engine.loading import Loaded, load

FILE = "draft.yaml"
"""What a text that is being written is called in positions."""

KEPT = 4
"""So many texts are kept: of each author the last one matters."""


@dataclass(eq=False)
class _Text:
    """A text; whoever asks while it is being loaded waits for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    loaded: Loaded | None = None


@dataclass(eq=False)
class Texts:
    """The texts of one server that were asked about last; editions and problems are only read."""

    _kept: dict[str, _Text] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def load(self, text: str) -> Loaded:
        """What a text comes to, as `engine.loading.load` has it."""
        one = self._asked(text)
        with one.lock:
            if one.loaded is None:
                one.loaded = load(text, FILE)
            return one.loaded

    def _asked(self, text: str) -> _Text:
        with self._lock:
            self._kept[text] = one = self._kept.pop(text, None) or _Text()
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
            return one
