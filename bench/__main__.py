"""`python -m bench [NAME …] [--quick] [--scale X]`: measure, print, and keep what a whole run at full size found."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from bench.figures import Figure
from bench.machine import described
from bench.results import RESULTS, page
from bench.scale import Scale

TOPICS = (
    "transitions",
    "clients",
    "sweeps",
    "replays",
    "verifying",
    "histories",
    "packages",
    "starts",
    "rehearsals",
    "authoring",
    "pages",
    "office",
    "seals",
)
"""Each a module here, imported when it is measured: a process that one of them starts imports this one again."""

QUICK = 0.01


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    by = asked.scale or (QUICK if asked.quick else 1.0)
    names = asked.names or list(TOPICS)
    if by != 1.0:
        print(f"At {by:g} of the size: these figures show that it runs, and stand in for those of a whole run at most.")
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="duban-bench-", dir=asked.directory) as directory:
        scale = Scale(Path(directory)) if by == 1.0 else Scale(Path(directory)).shrunk(by)
        machine = described(scale.directory)
        found = {name: measured(name, scale) for name in names}
    took = time.perf_counter() - start
    print(f"{took:,.0f} s")
    if names == list(TOPICS) and not asked.quick and (by == 1.0 or asked.write):
        RESULTS.write_text(page(machine, found, took, by), encoding="utf-8")
        print(f"written: {RESULTS}")


def measured(name: str, scale: Scale) -> list[Figure]:
    """One topic, printed as it is found."""
    print(f"\n{name}", flush=True)
    figures: list[Figure] = import_module(f"bench.{name}").measure(scale)
    for figure in figures:
        print(f"  {figure}", flush=True)
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*TOPICS, []], metavar="NAME", help=", ".join(TOPICS))
    parser.add_argument("--quick", action="store_true", help="a minute, to see that all of it runs")
    parser.add_argument("--scale", type=float, help="a share of the size, such as 0.1")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md from a --scale run too, which it says")
    parser.add_argument("--directory", type=Path, help="where the databases are made: the disk that is measured")
    return parser


if __name__ == "__main__":
    main()
