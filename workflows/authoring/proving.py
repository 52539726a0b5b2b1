"""Prove a definition: each claim is proved for everything that can happen, or refuted by a story that the engine itself
went through, or it stays unknown, with the reason. Nothing is guessed.

Each body is proved alone: for it, its parent and its children may do at any time whatever they can do to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from engine.calendars import Calendar
from engine.edition import Edition
from engine.problems import Language, Text
from engine.proofs.building import Ground
from engine.proofs.claims import Claim, claims_of
from engine.proofs.verdicts import Verdict, verdicts
from workflows.authoring.refuting.search import Given, Search, walked
from workflows.authoring.refuting.telling import scenario, slug, story
from workflows.authoring.refuting.walk import Walk
from workflows.authoring.scenarios import scripts_of

Answer = Literal["proved", "refuted", "unknown"]

ASSUMED: Sequence[Text] = (
    Text(
        "“能够到达”：子事项由该办的人办下去，各角色都有人担任",
        "for what can be reached: whoever is to act on an open child does, and every role has people who hold it",
    ),
    Text("时限准时处理（定时处理在运行）", "deadlines fire punctually: the sweep runs"),
    Text(
        "人可以改动的事实可以是任何值，人可以在任何时候做允许他做的事，也可以什么都不做",
        "facts that people may change can be anything; people may do what they may at any time, or nothing",
    ),
    Text(
        "事项从立项开始，而不是作为“已在进行”的事项登记", "tasks begin with their registration, not as an opening entry"
    ),
    Text(
        "各流程（含子事项）分别证明：对子事项和上级的情况一概不作假定，它们随时可能触发其可触发的操作；因此得证的对任何一家都成立",
        "each body is proved alone: of its children and its parent nothing is assumed, they may fire what they can at "
        "any time; so that what is proved holds in every family",
    ),
    Text(
        "尚未公布的放假安排不比已知各年更极端（另留两天余量）",
        "holidays not announced yet are no more extreme than in the years that are known, with two days to spare",
    ),
)
"""What a proof takes for granted."""


WORTH_A_WALK = 200
"""Zones from which on a short walk costs less than a finer look."""

SHORT, FEW = 14, 400
"""Points that a short walk looks at, and acts that it tries where a solver may prove at once what no walk breaks."""


@dataclass(frozen=True)
class Proof:
    """The answer to one claim. A refutation has the `walk` that broke it, but for what the text alone shows; an unknown
    has its `reason`. `zones` counts what was looked at.
    """

    claim: Claim
    answer: Answer
    reason: Text | None = None
    walk: Walk | None = None
    zones: int = 0

    def story(self, lang: Language) -> list[str]:
        """How it was refuted, in lines with dates."""
        return story(self.claim, self.walk, lang) if self.walk else []

    def scenario(self) -> tuple[str, str] | None:
        """The story as a file of scenarios: its name and its text."""
        return (f"{slug(self.claim)}.yaml", scenario(self.claim, self.walk)) if self.walk else None


def prove(
    edition: Edition, calendar: Calendar, givens: Sequence[Given] = (), name: str | None = None
) -> Iterator[Proof]:
    """Every claim on every body, or the one of that name, answered one after the other."""
    search = Search(edition, calendar, givens)
    for kind, sheet in edition.sheets.items():
        ground = Ground.of(edition, calendar, kind)
        for claim in claims_of(kind, sheet):
            if name is None or name in claim.title:
                yield answered(search, ground, claim)


def answered(search: Search, ground: Ground, claim: Claim) -> Proof:
    """The answer to one claim: looked at ever more finely, until it is proved or a walk refutes it."""
    found: list[Verdict] = []
    for verdict in verdicts(ground, claim):
        found.append(verdict)
        if verdict.answer != "open":
            break
        walk = _soon(search, ground, verdict)
        if walk is not None:  # found at once: no finer look is needed
            return Proof(verdict.claim, "refuted", None, walk, sum(each.zones for each in found))
    last, zones = found[-1], sum(each.zones for each in found)
    if last.answer != "open":
        return Proof(claim, "proved" if last.answer == "proved" else "refuted", last.reason, zones=zones)
    cut_short = [(verdict, SHORT) for verdict in found if claim.shape == "total"]
    for verdict, most in dict.fromkeys((*cut_short, (last, search.most), (found[0], search.most))):
        walk = walked(replace(search, most=most), ground, verdict)
        if walk is not None:
            return Proof(verdict.claim, "refuted", None, walk, zones)
    return Proof(claim, "unknown", last.reason, zones=zones)


def _soon(search: Search, ground: Ground, verdict: Verdict) -> Walk | None:
    """A walk that breaks the claim, where it is worth trying before a finer look."""
    if verdict.claim.shape == "total":
        return walked(replace(search, most=SHORT, tries=min(FEW, search.tries)), ground, verdict)
    return walked(replace(search, most=SHORT), ground, verdict) if verdict.zones >= WORTH_A_WALK else None


def givens(folder: Path, edition: Edition) -> list[Given]:
    """The records with which the scenarios beside a definition begin."""
    scenarios = [each for script in scripts_of(folder, edition) for each in script.scenarios]
    plain = [each.given for each in scenarios if not each.given.kind and not each.given.refused]
    found = [(given.fields, given.milestones) for given in plain]
    return sorted(found, key=lambda given: -len(given[1]))
