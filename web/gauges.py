"""What is measured, for Prometheus: each request as it is answered, and the office's own figures when they are asked
for. Labels are routes and names of states, never ids or people.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from web.house import House
from workflows.labour.health import health

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Upper bounds of the histogram's buckets, in seconds."""


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
"""Anything else that is sent counts as one."""


class Gauges:
    """The figures of one server, which may be several processes (`commands/crew.py`)."""

    def __init__(self, house: House) -> None:
        self._registry, self._office = CollectorRegistry(), CollectorRegistry()
        self._requests = Histogram(
            "duban_request_seconds",
            "How long requests took, by route.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._refused = Counter(
            "duban_sign_in_failures", "Sign-ins that were refused, by status.", ("status",), registry=self._registry
        )
        self._office.register(_Office(house))

    def observe(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        known = method if method in METHODS else "OTHER"
        self._requests.labels(known, route or "none", str(status)).observe(seconds)
        if method == "POST" and route == "/sign-in" and status in (401, 429):
            self._refused.labels(str(status)).inc()

    def text(self) -> bytes:
        """All figures in the text format of Prometheus; of several processes that serve together, those of all. Raises
        a `StoreProblem` where the database is away.
        """
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry) + generate_latest(self._office)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # the library has no types for it
        return generate_latest(together) + generate_latest(self._office)


class _Office(Collector):
    """What the office has before it, read when it is asked for."""

    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is read when it is registered."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge for each figure."""
        house = self._house
        found = health(house.at_desk(), house.labour, house.post)
        age = (found.now - found.swept_at).total_seconds() if found.swept_at else -1
        for name, said, value in (
            ("duban_sweep_age_seconds", "Since a sweep last succeeded; -1: never.", age),
            ("duban_sweep_lag_seconds", "How long the wake that is due first has waited.", found.behind),
            ("duban_outbox_notices", "Notices that nobody has planned.", found.parcels),
            ("duban_deliveries_waiting", "Messages that wait.", found.messages),
            ("duban_deliveries_failed", "Messages that were given up.", found.messages_failed),
            ("duban_workers", "Workers that were seen.", found.workers),
            ("duban_database_bytes", "The size of the database.", house.size()),
        ):
            yield GaugeMetricFamily(name, said, value)
        jobs = GaugeMetricFamily("duban_jobs", "Jobs by state, standing ones aside.", labels=("state",))
        for state, count in (("waiting", found.waiting), ("running", found.running), ("failed", found.failed)):
            jobs.add_metric((state,), count)
        yield jobs
