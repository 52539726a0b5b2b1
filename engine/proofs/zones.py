"""Zones: sets of clock readings, as difference-bound matrices. What day-by-day search visits a million times is one.

A zone over n clocks is an (n+1)² matrix, in one tuple: entry (i, j) bounds clock i minus clock j; clock 0 is always 0.
A bound is one whole number: `weak(v)` is `≤ v`, `strict(v)` is `< v`, `INF` is none. Matrices are kept closed (every
entry is as tight as the others make it), so that equal sets have equal matrices and a set within another is seen entry
by entry. An empty zone is None. Clocks are whole minutes here, but nothing hangs on that.

Source: J. Bengtsson and W. Yi, Timed Automata: Semantics, Algorithms and Tools (2004).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

INF = 1 << 60
"""No bound."""

ZERO, FREE = -1, -2
"""Where a clock of a new zone comes from: it begins at 0, or reads anything from 0 on."""

_LE_ZERO = 1


def weak(value: int) -> int:
    """The bound `≤ value`."""
    return 2 * value + 1


def strict(value: int) -> int:
    """The bound `< value`."""
    return 2 * value


def plus(one: int, other: int) -> int:
    """The bound of a sum of two differences."""
    return INF if one >= INF or other >= INF else one + other - ((one | other) & 1)


class Zone(NamedTuple):
    """A set of clock readings that is not empty: `size` clocks and one, and the closed matrix, row by row."""

    size: int
    bounds: tuple[int, ...]

    def up(self) -> Zone:
        """The readings after any time at all."""
        n, m = self.size, list(self.bounds)
        for i in range(1, n):
            m[i * n] = INF
        return Zone(n, tuple(m))

    def limit(self, i: int, j: int, bound: int) -> Zone | None:
        """The readings in which clock i minus clock j keeps a bound; None where there are none."""
        n, m = self.size, self.bounds
        if m[i * n + j] <= bound:
            return self
        if plus(m[j * n + i], bound) < _LE_ZERO:
            return None
        new = list(m)
        for a in range(n):
            to_i = m[a * n + i]
            if to_i < INF:
                via = plus(to_i, bound)
                for b in range(n):
                    through = plus(via, m[j * n + b])
                    new[a * n + b] = min(new[a * n + b], through)
        return Zone(n, tuple(new))

    def at_most(self, clock: int, value: int) -> Zone | None:
        """The readings in which a clock reads no more than a value."""
        return self.limit(clock, 0, weak(value))

    def at_least(self, clock: int, value: int) -> Zone | None:
        """The readings in which a clock reads no less than a value."""
        return self.limit(0, clock, weak(-value))

    def remap(self, sources: Sequence[int]) -> Zone:
        """A zone over other clocks: for each, the number of the one that it goes on from, or `ZERO` or `FREE`."""
        n, m, size = self.size, self.bounds, len(sources) + 1
        old = [0, *(0 if source == ZERO else source for source in sources)]
        new = [INF] * (size * size)
        for i, a in enumerate(old):
            for j, b in enumerate(old):
                if i == j:
                    new[i * size + j] = _LE_ZERO
                elif b == FREE:
                    new[i * size + j] = m[a * n] if a != FREE else INF
                elif a != FREE:
                    new[i * size + j] = m[a * n + b]
        return Zone(size, tuple(new))

    def includes(self, other: Zone) -> bool:
        """Whether every reading of the other is one of this."""
        return all(mine >= theirs for mine, theirs in zip(self.bounds, other.bounds, strict=True))

    def widen(self, tops: Sequence[int]) -> Zone:
        """Forget what no comparison can tell: `tops` is for each clock the largest value that it is compared with.

        Classical extrapolation: sound for comparisons of one clock with a value, and finitely many zones are left.
        """
        n, m, changed = self.size, list(self.bounds), False
        for i in range(n):
            for j in range(n):
                bound = m[i * n + j]
                if i == j or bound >= INF:
                    continue
                if i and bound > weak(tops[i - 1]):
                    m[i * n + j], changed = INF, True
                elif j and bound < strict(-tops[j - 1]):
                    m[i * n + j], changed = strict(-tops[j - 1]), True
        return _closed(n, m) if changed else self

    def span(self, clock: int) -> tuple[int, int | None]:
        """The least and the greatest reading of a clock; None where it is not bounded."""
        high = self.bounds[clock * self.size]
        return -(self.bounds[clock] >> 1), None if high >= INF else high >> 1


def fresh(clocks: int) -> Zone:
    """All clocks at 0."""
    return Zone(clocks + 1, (_LE_ZERO,) * ((clocks + 1) ** 2))


def _closed(n: int, m: list[int]) -> Zone:
    for k in range(n):
        for i in range(n):
            to_k = m[i * n + k]
            if to_k >= INF:
                continue
            for j in range(n):
                through = plus(to_k, m[k * n + j])
                m[i * n + j] = min(m[i * n + j], through)
    return Zone(n, tuple(m))
