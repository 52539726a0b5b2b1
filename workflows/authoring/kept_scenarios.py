"""The files of scenarios that were published with an edition: kept by their digests, which the edition's record names,
so that what was tried before it came into force can be tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.calendars import Calendar
from engine.edition import Edition
from engine.events import Json
from workflows.authoring.proposals import Done, all_of
from workflows.authoring.scenarios import Failure, Script, parse, run
from workflows.authoring.trying import TURNS
from workflows.authoring.virtual import OutOfTurns, Turns
from workflows.coverage import Happened, Part, missing
from workflows.desk import Desk
from workflows.sources import Finds


def keep(desk: Desk, edition: Edition, files: Finds) -> dict[str, Json]:
    """Keep those files of an edition that are there; their digests by name."""
    found = {name: files(name) for name in edition.process.scenarios}
    return {name: desk.store.keep_file(name, content) for name, content in found.items() if content is not None}


def from_edition(desk: Desk, name: str) -> Finds:
    """The files that were published with an edition (`process@edition`), or submitted with one that waits."""
    digests = _digests(desk, name)
    return lambda file: desk.store.file(digests[file]) if file in digests else None


@dataclass(frozen=True)
class Tried:
    """What the scenarios of an edition come to: by file how many it has, what does not hold, what none of them shows;
    `lost` are the files that it names and that were not published with it; `cut` those that were not run to the end,
    since so much happens in them that nobody would wait for it.
    """

    files: Mapping[str, int]
    lost: Sequence[str]
    cut: Sequence[str]
    failures: Sequence[Failure]
    never: Sequence[Part]

    @property
    def scenarios(self) -> int:
        """How many there are."""
        return sum(self.files.values())


def tried(desk: Desk, edition: Edition, calendar: Calendar) -> Tried:
    """Run the scenarios that were published with an edition, or submitted with one that waits."""
    scripts = _scripts(desk, edition)
    happened, turns, failures, cut = Happened(), Turns(TURNS), list[Failure](), list[str]()
    for name, script in scripts.items():
        try:
            failures += run(edition, calendar, script, happened, turns=turns)
        except OutOfTurns:
            cut.append(name)
    files = {name: len(script.scenarios) for name, script in scripts.items()}
    lost = [name for name in edition.process.scenarios if name not in scripts]
    return Tried(files, lost, cut, failures, [] if cut else missing(edition, happened))


def _scripts(desk: Desk, edition: Edition) -> dict[str, Script]:
    files = from_edition(desk, edition.name)
    kept = {name: files(name) for name in edition.process.scenarios}
    return {name: parse(content, name) for name, content in kept.items() if content is not None}


def _digests(desk: Desk, name: str) -> Mapping[str, str]:
    known = all_of(desk.store).get(name)
    done = known.by(Done.EDITION_PUBLISHED) or known.by(Done.EDITION_SUBMITTED) if known else None
    return done.told.get("scenarios") or {} if done else {}
