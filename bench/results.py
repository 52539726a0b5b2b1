"""RESULTS.md: the machine, every figure with its budget, and what limits each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.figures import Figure, shown

RESULTS = Path(__file__).with_name("RESULTS.md")
LIMITS = Path(__file__).with_name("limits.md")
"""What limits each topic: words of people, a section for each, put under the topic's figures."""

TITLES = {
    "transitions": "One durable transition on SQLite",
    "clients": "The same on PostgreSQL",
    "sweeps": "Due deadlines among a million open tasks",
    "replays": "A million events: replay, chain, board",
    "verifying": "A million events verified",
    "histories": "Figures over a hundred thousand events",
    "packages": "A package of a hundred thousand events",
    "starts": "Starting",
    "rehearsals": "A year in memory",
    "authoring": "The author's bench",
    "pages": "Pages over ten thousand tasks",
    "office": "An office at work: a crowd, a list, a thousand documents",
    "seals": "A million events in one tree",
}


def page(
    machine: Iterable[tuple[str, str]], found: Mapping[str, Sequence[Figure]], took: float, by: float = 1.0
) -> str:
    """The whole page."""
    words = sections(LIMITS.read_text(encoding="utf-8"))
    missed = [figure for figures in found.values() for figure in figures if not figure.met]
    parts = [
        "# Benchmark\n\nWritten by `python -m bench` (or `make bench`); the words are those of `limits.md`.\n",
        f"{words['how']}\n",
        "| | |\n| --- | --- |\n" + "\n".join(f"| {name} | {value} |" for name, value in machine) + "\n",
        f"The run took {took:,.0f} s{_share(by)}. Budgets missed: {len(missed)}.\n",
        *(f"## {TITLES[name]}\n\n{_table(figures)}\n\n{words[name]}\n" for name, figures in found.items()),
    ]
    return "\n".join(parts)


def _share(by: float) -> str:
    return "" if by == 1.0 else f", **at {by:g} of the size**: as the names of the figures say"


def sections(text: str) -> dict[str, str]:
    """The words under each heading `## name`."""
    parts = [part.partition("\n") for part in text.split("## ")[1:]]
    return {name.strip(): body.strip() for name, _, body in parts}


def _table(figures: Sequence[Figure]) -> str:
    head = "| figure | found | budget | | |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(_row(figure) for figure in figures)


def _row(figure: Figure) -> str:
    verdict = "" if figure.budget is None else "met" if figure.met else "**missed**"
    found = f"{shown(figure.value)} {figure.unit}"
    return f"| {figure.name} | {found} | {figure.budget or ''} | {verdict} | {figure.note} |"
