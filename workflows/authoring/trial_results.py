"""What came of a draft over history: all families in sum, and as plain data that is kept and read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.events import instant, iso
from workflows.authoring.backtesting import Lost, Told
from workflows.authoring.contrast import Change, Occasion, OccasionSort, Shift, Sum


@dataclass
class Result:
    """What came of a trial over all families: sums, and what each family that differs came to."""

    families: int = 0
    events: int = 0
    erased: int = 0
    """Events that were tried with a fitting value for what was erased of them."""
    total: dict[tuple[str, OccasionSort, str], Counter[Shift]] = field(default_factory=dict)
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By trigger and code of the refusal."""
    differing: list[Told] = field(default_factory=list)
    untold: int = 0
    """So many more differ, of which only the sums were kept."""

    def add(self, told: Told) -> None:
        """Add one family."""
        self.families += 1
        self.events += told.events
        self.erased += told.erased
        for each in told.changes:
            key = (each.occasion.body, each.occasion.sort, each.occasion.name)
            self.total.setdefault(key, Counter())[each.fate] += 1
        self.lost.update((each.trigger, each.code) for each in told.lost)
        if told.changes or told.lost or told.foreign:
            self.differing.append(told)

    @property
    def differ(self) -> int:
        """How many families differ."""
        return len(self.differing) + self.untold

    def short(self, most: int) -> Result:
        """The same with so many of those that differ one by one, and of the others their number."""
        shown = self.differing[:most]
        return replace(self, differing=shown, untold=self.differ - len(shown))

    @property
    def sums(self) -> Sum:
        """The changes in sum."""
        return self.total


# -- as plain data


def plain(told: Told) -> dict[str, Any]:
    """One family as plain data."""
    return {
        "root": told.root,
        "events": told.events,
        "changes": [_plain_change(each) for each in told.changes],
        "lost": [[iso(each.at), each.task, each.trigger, each.code, dict(each.facts)] for each in told.lost],
        "diverges_at": iso(told.diverges_at) if told.diverges_at else None,
        "foreign": told.foreign,
        "erased": told.erased,
    }


def _plain_change(each: Change) -> list[Any]:
    one = each.occasion
    at = [iso(moment) if moment else None for moment in (each.before, each.after)]
    return [one.task, one.body, one.sort.value, one.name, one.key, each.fate.value, *at]


def read(kept: Mapping[str, Any]) -> Told:
    """One family from plain data."""
    return Told(
        root=kept["root"],
        events=kept["events"],
        changes=[_read_change(each) for each in kept["changes"]],
        lost=[Lost(instant(at), *rest) for at, *rest in kept["lost"]],
        diverges_at=instant(kept["diverges_at"]) if kept["diverges_at"] else None,
        foreign=kept["foreign"],
        erased=kept.get("erased", 0),
    )


def _read_change(each: Sequence[Any]) -> Change:
    task, body, sort, name, key, fate, before, after = each
    at: list[datetime | None] = [instant(moment) if moment else None for moment in (before, after)]
    return Change(Occasion(task, body, OccasionSort(sort), name, key), Shift(fate), at[0], at[1])


def result_to_json(result: Result, most: int) -> dict[str, Any]:
    """All families in sum, and of those that differ so many one by one."""
    return {
        "families": result.families,
        "events": result.events,
        "erased": result.erased,
        "total": [[body, sort.value, name, _counted(fates)] for (body, sort, name), fates in result.total.items()],
        "lost": [[*key, count] for key, count in result.lost.items()],
        "differ": result.differ,
        "differing": [plain(told) for told in result.differing[:most]],
    }


def result_from_json(told: Mapping[str, Any]) -> Result:
    """What `result_to_json` kept."""
    total = {(body, OccasionSort(sort), name): Counter(_fates(fates)) for body, sort, name, fates in told["total"]}
    lost = Counter({(trigger, code): count for trigger, code, count in told["lost"]})
    differing = [read(each) for each in told["differing"]]
    return Result(
        told["families"], told["events"], told["erased"], total, lost, differing, told["differ"] - len(differing)
    )


def _counted(fates: Mapping[Shift, int]) -> dict[str, int]:
    return {fate.value: count for fate, count in fates.items()}


def _fates(told: Mapping[str, int]) -> dict[Shift, int]:
    return {Shift(name): count for name, count in told.items()}
