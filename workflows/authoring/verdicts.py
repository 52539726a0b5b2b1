"""What becomes of each family in a migration, in words: its fate, its state before and after, and each deadline's day
with why it is that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.edition import Edition
from engine.problems import Language, Text
from engine.steps import explain_all, step_from_json
from engine.titles import Titles
from workflows.authoring.fates import GOOD, Dated, Fate, Verdict
from workflows.desk import Desk
from workflows.sayings import say
from workflows.sentences import POLICIES

FATES: Mapping[Fate, Text] = {
    "moves": Text("可迁移", "moves"),
    "moved": Text("已迁移", "moved"),
    "already": Text("此前已迁移", "moved already"),
    "goes_back": Text("可撤回", "goes back"),
    "went_back": Text("已撤回", "went back"),
    "cannot": Text("不能", "cannot"),
    "failed": Text("出错", "failed"),
}

_NONE, _CANCELLED, _SAME, _PAUSED = (
    Text("无", "none"), Text("取消", "cancelled"), Text("不变", "unchanged"), Text("中止中", "paused"),
)  # fmt: skip


@dataclass(frozen=True)
class Days:
    """One deadline of a family: its days in a line, and a sentence for each rule that the new day follows from."""

    line: str
    why: Sequence[str]


@dataclass(frozen=True)
class Told:
    """One verdict in words. `said` is its state before and after, or why it cannot."""

    task: str
    good: bool
    fate: str
    said: str
    days: Sequence[Days] = ()


def told(desk: Desk, each: Verdict, old: Edition, new: Edition, lang: Language) -> Told:
    """A verdict in one language."""
    task = desk.store.task(each.task)
    kind, fate = task.kind if task else "", FATES[each.fate].in_(lang)
    if each.refusal is not None:
        return Told(each.task, each.fate in GOOD, fate, say(each.refusal, old, lang, kind))
    was, state = (Titles(one, lang, kind).state(name) for one, name in ((old, each.was), (new, each.state)))
    titles = Titles(new, lang, kind)
    days = [Days(*_days(one, titles)) for one in each.deadlines]
    return Told(each.task, each.fate in GOOD, fate, was if was == state else f"{was} → {state}", days)


def _days(one: Dated, titles: Titles) -> tuple[str, Sequence[str]]:
    name = titles.deadline(one.deadline) + ("" if one.key in ("", "1") else f" {one.key}")
    day, why = _day(one, titles.lang)
    return f"{name}  {day}", [*why]


def _day(one: Dated, lang: Language) -> tuple[str, Iterator[str]]:
    none = _NONE.in_(lang)
    if one.status == "cancelled":
        return f"{one.before or none} → {_CANCELLED.in_(lang)}", iter(())
    if one.before == one.after:
        how = POLICIES[one.policy] if one.policy else _SAME
        return f"{one.after or _PAUSED.in_(lang)}  {how.in_(lang)}", iter(())
    return f"{one.before or none} → {one.after or none}", iter(explain_all(map(step_from_json, one.why), lang))
