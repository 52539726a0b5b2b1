"""A year of a definition over a real calendar: 35 tasks as an office has them, and 10,000."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.figures import Budget, Figure, median
from bench.scale import Scale


def measure(scale: Scale) -> list[Figure]:
    """Seconds of the processor and memory, each in a process of its own; the large one is lived once."""
    small = [_year(35)["seconds"] for _ in range(scale.runs)]
    large = _year(scale.rehearsed)
    note = f"{large['events']:,.0f} events, {large['seconds'] / large['events'] * 1e6:.0f} µs each"
    name = f"rehearsal of {scale.rehearsed:,} tasks over a year"
    return [
        Figure("rehearsal of 35 tasks over a year", median(small), "s", Budget("≤", 1)),
        Figure(name, large["seconds"], "s", Budget("≤", 120), note),
        Figure(f"{name}: memory of the process", large["gigabytes"], "GB", Budget("≤", 1), "its peak"),
    ]


def _year(count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.rehearsal_child", str(count)]
    done = subprocess.run(command, check=True, timeout=600, capture_output=True, text=True)  # noqa: S603 - our own program
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
