"""A whole database, on all cores, with progress, resumable.

Each process has a moment of its own and looks at one family after another, for families know nothing of one another;
what is kept for the whole house is compared last, with what the families said of it. Results are kept in a file, a
batch a line: a run that was stopped goes on from there, and looks again at what has grown since.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from engine.problems import Text
from engine.reasons import reason_of
from workflows.audit.verifying import house, redacted, rights
from workflows.audit.verifying.bench import FAMILY, Bench, Links, Looked, bench, links, strays
from workflows.audit.verifying.findings import UNDECIDED, Finding, unreadable
from workflows.audit.verifying.ports import Evidence, Opener, Unreadable
from workflows.kept import keep, results_in
from workflows.spread import awaited, beside, spread

R = TypeVar("R")

BATCH = 40
"""So many families are handed to a process at once: a second's work or so."""

FORMAT = 1
"""Of the file of results."""

Heads: TypeAlias = Callable[[Evidence], Sequence[Finding]]
"""What else is compared with the database, as heads that others hold."""


@dataclass(frozen=True)
class Asked:
    """What is verified: `name` says which database, for the file of results; `whole` everything, or chains alone."""

    name: str
    whole: bool = True
    processes: int = 1
    kept: Path | None = None


@dataclass
class Verified:
    """What came of it."""

    streams: int = 0
    events: int = 0
    findings: list[Finding] = field(default_factory=list)
    undecided: list[Finding] = field(default_factory=list)
    """What rested on what was erased since: neither found sound nor wrong."""

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify(
    opener: Callable[[], Opener],
    asked: Asked,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    others: Sequence[Heads] = (),
) -> Verified:
    """Verify a database. `progress` is told how many groups of streams are done, of how many. `others` are asked
    meanwhile, each about a moment of its own. Raises `Otherwise`, `Fallen`, what `others` raise, and a problem of the
    store where there is none.
    """
    with opener() as evidence:
        result, also = Verified(), [beside(partial(_meanwhile, opener, other)) for other in others]
        try:
            _families(evidence, opener, asked, progress, result)
        except Unreadable as error:  # not even what there is could be asked
            result.findings.append(unreadable("database", reason_of(error)))
        result.findings += [found for each in also for found in awaited(each)]
    result.findings.sort(key=_order)
    result.undecided.sort(key=_order)
    return result


def _meanwhile(opener: Callable[[], Opener], work: Callable[[Evidence], R]) -> R:
    """What is found in a moment of its own."""
    with opener() as evidence:
        return work(evidence)


def _families(
    evidence: Evidence,
    opener: Callable[[], Opener],
    asked: Asked,
    progress: Callable[[int, int], None],
    result: Verified,
) -> None:
    faults = beside(partial(_meanwhile, opener, _faults)) if asked.whole else None
    mine = _bench(evidence, whole=asked.whole)
    if not isinstance(mine, Bench):
        mine.groups = {stream: (stream,) for stream in evidence.streams()}
    said = house.House(_heads(evidence) if asked.whole else {})
    done = _done(asked, mine) if asked.kept else {}
    for looked in done.values():
        _add(result, said, looked)
    waiting, count = [name for name in mine.groups if name not in done], len(done)
    batches = [waiting[at : at + BATCH] for at in range(0, len(waiting), BATCH)]
    progress(count, len(mine.groups))
    begin = partial(_begin, opener, asked.whole)
    for batch in spread(begin, _look, batches, asked.processes, mine=mine):
        for looked in batch:
            _add(result, said, looked)
        if asked.kept is not None:
            keep(asked.kept, map(_plain, batch))
        count += len(batch)
        progress(count, len(mine.groups))
    if isinstance(mine, Bench) and faults is not None:
        for each in _whole(mine, said, faults):
            _sort(result, each)


def _faults(evidence: Evidence) -> Sequence[Text]:
    """What the database says of itself, which reads every page for it."""
    return evidence.faults()


def _whole(mine: Bench, said: house.House, faults: Future[Sequence[Text]]) -> Iterator[Finding]:
    parts: Sequence[Callable[[], Iterator[Finding]]] = (
        lambda: (Finding("database_fault", "database", None, {"error": each.both}) for each in awaited(faults)),
        lambda: strays(mine),
        lambda: house.check(mine.evidence, mine.books, said),
        lambda: rights.check(mine.evidence, mine.books.organised),
        lambda: redacted.accounts(mine.books),
    )
    for part in parts:
        try:
            yield from part()
        except (Unreadable, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            yield unreadable("database", reason_of(error))


def _sort(result: Verified, found: Finding) -> None:
    (result.undecided if found.code in UNDECIDED else result.findings).append(found)


def _order(finding: Finding) -> tuple[str, int, str]:
    return str(finding.stream), finding.seq if isinstance(finding.seq, int) else 0, finding.code


def _add(result: Verified, said: house.House, looked: Looked) -> None:
    result.streams += len(looked.heads)
    result.events += looked.events
    for each in looked.findings:
        _sort(result, each)
    said.add(looked.tally)


# -- processes


def _bench(evidence: Evidence, *, whole: bool) -> Links:
    return bench(evidence) if whole else links(evidence)


def _begin(opener: Callable[[], Opener], whole: bool, stack: ExitStack) -> Links:  # noqa: FBT001 - given by position
    """The bench of a process."""
    return _bench(stack.enter_context(opener()), whole=whole)


def _look(mine: Links, names: Sequence[str]) -> Sequence[Looked]:
    return mine.look(names)


# -- what is kept


def _heads(evidence: Evidence) -> Mapping[str, int]:
    heads: Mapping[str, Sequence[Any]] = evidence.heads()
    return {stream: seq for stream, (seq, _) in heads.items() if isinstance(seq, int)}


def _heading(asked: Asked) -> dict[str, Any]:
    return {"verify": FORMAT, "database": asked.name, "whole": asked.whole}


def _done(asked: Asked, mine: Links) -> dict[str, Looked]:
    """What the file holds and has not grown since, by name."""
    assert asked.kept is not None, "whoever asks has a file"
    found = {looked.name: looked for looked in map(_read, results_in(asked.kept, _heading(asked)))}
    now = mine.evidence.heads()
    return {name: each for name, each in found.items() if each.heads and _same(each, mine, now)}


def _same(looked: Looked, mine: Links, now: Mapping[str, Sequence[Any]]) -> bool:
    """Whether a group has the same streams with the same ends as when it was looked at."""
    return {stream: list(now[stream]) for stream in mine.groups.get(looked.name, ())} == dict(looked.heads)


def _plain(looked: Looked) -> dict[str, Any]:
    told = {"name": looked.name, "events": looked.events, "heads": looked.heads}
    return {**told, "findings": [each.kept() for each in looked.findings], "tally": looked.tally}


def _read(kept: Mapping[str, Any]) -> Looked:
    findings = [Finding(**each) for each in kept["findings"]]
    return Looked(kept["name"], kept["events"], kept["heads"], findings, kept["tally"])


def cores() -> int:
    """As many processes as there are processors."""
    return os.cpu_count() or 1


__all__ = ["FAMILY", "Asked", "Verified", "cores", "verify"]
