"""Zones against brute force: whatever a zone is asked, it answers as the set of its points does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.proofs.zones import FREE, INF, ZERO, Zone, fresh, strict, weak

MOST = 4
"""The largest value in a bound; points are tried in steps of a half, a little beyond it."""
STEPS = [each / 2 for each in range(2 * MOST + 4)]

Point = tuple[float, ...]
bounds = st.builds(lambda kind, value: kind(value), st.sampled_from([weak, strict]), st.integers(-MOST, MOST))
limits = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), bounds), max_size=5)


def keeps(difference: float, bound: int) -> bool:
    return bound >= INF or (difference <= bound >> 1 if bound & 1 else difference < bound >> 1)


def inside(zone: Zone, point: Point) -> bool:
    readings = (0.0, *point)
    pairs = product(range(zone.size), repeat=2)
    return all(keeps(readings[i] - readings[j], zone.bounds[i * zone.size + j]) for i, j in pairs)


def points(zone: Zone | None, steps: list[float] = STEPS) -> set[Point]:
    return set() if zone is None else {point for point in product(steps, repeat=2) if inside(zone, point)}


def made(limited: list[tuple[int, int, int]]) -> Zone | None:
    zone: Zone | None = fresh(0).remap([FREE, FREE])
    for i, j, bound in limited:
        if zone is not None and i != j:
            zone = zone.limit(i, j, bound)
    return zone


def asked(limited: list[tuple[int, int, int]]) -> Iterator[Point]:
    for point in product(STEPS, repeat=2):
        readings = (0.0, *point)
        if all(i == j or keeps(readings[i] - readings[j], bound) for i, j, bound in limited):
            yield point


@settings(max_examples=300, deadline=None)
@given(limits)
def test_limits_keep_just_the_points_that_keep_them(limited: list[tuple[int, int, int]]) -> None:
    """A zone that says it is empty has no point, and another has those that keep every bound."""
    assert points(made(limited)) == set(asked(limited))


@settings(max_examples=200, deadline=None)
@given(limits)
def test_time_reaches_whatever_lies_on_a_diagonal(limited: list[tuple[int, int, int]]) -> None:
    """After any time the readings are those that were there some time ago, and no others."""
    zone = made(limited)
    if zone is not None:
        finer = [each / 4 for each in range(2 * len(STEPS))]  # a point of halves may come from one of quarters
        before, later = points(zone, finer), points(zone.up())
        assert later == {(x, y) for x, y in product(STEPS, repeat=2) if any((x - d, y - d) in before for d in finer)}


@settings(max_examples=200, deadline=None)
@given(limits, st.lists(st.sampled_from([ZERO, FREE, 1, 2]), min_size=2, max_size=2))
def test_clocks_go_on_begin_or_are_forgotten(limited: list[tuple[int, int, int]], sources: list[int]) -> None:
    """A zone over other clocks has a point for each old one, with zeros and free readings in their places."""
    zone = made(limited)
    if zone is not None:
        far = [each / 4 for each in range(12 * MOST)]
        grid = set(STEPS)
        choices = [
            [[0.0] if source == ZERO else STEPS if source == FREE else [old[source - 1]] for source in sources]
            for old in points(zone, far)
        ]
        after = {point for choice in choices if all(set(each) <= grid for each in choice) for point in product(*choice)}
        assert points(zone.remap(sources)) == after


@settings(max_examples=200, deadline=None)
@given(limits, limits)
def test_a_zone_within_another_is_seen(one: list[tuple[int, int, int]], other: list[tuple[int, int, int]]) -> None:
    """Inclusion of matrices is inclusion of points."""
    mine, theirs = made(one), made(other)
    if mine is not None and theirs is not None and mine.includes(theirs):
        assert points(theirs) <= points(mine)


@settings(max_examples=200, deadline=None)
@given(limits, st.integers(0, MOST), st.integers(0, MOST))
def test_widening_forgets_only_what_no_comparison_tells(limited: list[tuple[int, int, int]], x: int, y: int) -> None:
    """Every point stays; what comes in agrees with some point about all comparisons up to the tops."""
    zone = made(limited)
    if zone is None:
        return
    wide = zone.widen([x, y])
    assert points(zone) <= points(wide)
    told = {_told(point, (x, y)) for point in _far(zone)}
    assert all(_told(point, (x, y)) in told for point in _far(wide))


def _far(zone: Zone) -> Iterator[Point]:
    """Points far beyond the tops too."""
    steps = [each / 2 for each in range(6 * MOST)]
    return (point for point in product(steps, repeat=2) if inside(zone, point))


def _told(point: Point, tops: tuple[int, int]) -> tuple[float, ...]:
    """What comparisons of one clock with whole numbers up to its top say."""
    return tuple(min(float(int(v)) + (0.5 if v % 1 else 0.0), top + 0.5) for v, top in zip(point, tops, strict=True))


def test_a_clock_says_between_what_it_reads() -> None:
    """The span of a clock."""
    zone = fresh(1).up().at_least(1, 3)
    assert zone is not None
    assert zone.span(1) == (3, None)
    closed = zone.at_most(1, 7)
    assert closed is not None
    assert closed.span(1) == (3, 7)
    assert closed.at_most(1, 2) is None


@pytest.mark.parametrize("clocks", [0, 1, 3])
def test_all_clocks_begin_at_zero(clocks: int) -> None:
    """One point, and no other."""
    assert inside(fresh(clocks), (0.0,) * clocks)
    assert not clocks or not inside(fresh(clocks), (0.5,) + (0.0,) * (clocks - 1))
