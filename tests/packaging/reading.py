"""Packages in memory for the verifier that goes with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.packaging.second import Files
from workflows.packaging import verify_package as first


class Memory(first.Bag):
    """A package as files in memory."""

    def __init__(self, files: Files) -> None:
        self._paths, self.faults = files, []

    def pieces(self, name: str) -> Iterator[bytes]:
        yield self._paths[name]


def judged_first(files: Files, key: str | None = None, heads: Sequence[str] = ()) -> first.Report:
    """What the verifier of a package finds."""
    report, _ = first.verify(Memory(files), key, heads)
    return report


def parts(report: first.Report) -> dict[str, bool | None]:
    """By part: whether it holds, None where it was not checked."""
    return {part: None if part in report.skipped else not found for part, found in report.found.items()}
