"""How long it takes to begin: loading the largest founding definition, and the command line's first word."""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from bench.figures import Budget, Figure, median
from bench.scale import Scale
from engine.loading import load
from workflows.sources import definitions_folder

_FOUNDING = ("dalian-livelihood", "shanwei-key-tasks")


def measure(scale: Scale) -> list[Figure]:
    """Seconds of the processor."""
    texts = {name: (definitions_folder() / name / "process.yaml").read_text(encoding="utf-8") for name in _FOUNDING}
    name, text = max(texts.items(), key=lambda item: len(item[1]))
    took = []
    for _ in range(scale.runs):
        start = time.process_time()
        loaded = load(text, "process.yaml")
        took.append(time.process_time() - start)
        assert loaded.edition is not None, loaded.problems
    lines = len(text.splitlines())
    helped = [_helped() for _ in range(scale.runs)]
    return [
        Figure("load of the largest founding definition", median(took) * 1e3, "ms", Budget("≤", 150),
               f"{name}, {lines:,} lines"),
        Figure("duban --help", median(helped), "s", Budget("≤", 0.3), "user and system time of the whole process"),
    ]  # fmt: skip


def _helped() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "cli", "--help"], check=True, timeout=600, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
