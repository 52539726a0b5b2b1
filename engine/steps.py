"""Steps: the recorded reasons of a date, and the sentences that explain them.

Whoever computes a date leaves one small step for each rule that moved it. A step holds plain JSON facts (ISO dates,
whole numbers), is cheap to make, and can be stored in an event; words are made only when somebody asks why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from engine.terms import Term


class Step(NamedTuple):
    """One rule that shaped a date: the rule's name and its facts, JSON-able as they stand.

    Rules: anchor, fixed, period, term, pause, clamped, exclusive, rolled, at, provisional, paused,
    latest_of, earliest_of, kept.
    """

    rule: str
    facts: Mapping[str, Any]


def step_to_json(step: Step) -> dict[str, Any]:
    """Return the step as one flat JSON object."""
    return {"rule": step.rule, **step.facts}


def step_from_json(data: Mapping[str, Any]) -> Step:
    """Read back what `step_to_json` wrote."""
    return Step(str(data["rule"]), {key: value for key, value in data.items() if key != "rule"})


def explain(step: Step, lang: str = "zh") -> str:
    """Return one sentence in "zh" or "en". Raises KeyError for a rule that no version of this module wrote."""
    return _SENTENCES[step.rule](step.facts, lang)


def explain_all(why: Iterable[Step], lang: str = "zh") -> list[str]:
    """Return the sentences of a whole chain of reasons, in the order in which the rules applied."""
    return [explain(step, lang) for step in why]


# -- sentences: each takes the facts of its rule


def _anchor(facts: Mapping[str, Any], lang: str) -> str:
    return f"自 {facts['at']} 起算" if lang == "zh" else f"The count starts from {facts['at']}"


def _fixed(facts: Mapping[str, Any], lang: str) -> str:
    return f"规定日期为 {facts['day']}" if lang == "zh" else f"The date is set: {facts['day']}"


def _period(facts: Mapping[str, Any], lang: str) -> str:
    if lang == "zh":
        return f"周期 {facts['key']} 的规定日为 {facts['day']}"
    return f"The day of period {facts['key']} is {facts['day']}"


def _term(facts: Mapping[str, Any], lang: str) -> str:
    term = Term.parse(facts["term"])
    counted = facts.get("count_start", False)
    closed, worked = days_text(facts.get("closed", ()), lang), days_text(facts.get("worked", ()), lang)
    if lang == "zh":
        start = "" if term.exact else "（含当日）" if counted else "（不含当日）"
        parts = [f"自 {facts['from']}{start}起 {term.text('zh')}，至 {facts['to']}"]
        parts += [f"其间因节假日不计：{closed}"] if closed else []
        parts += [f"计入调休上班日：{worked}"] if worked else []
        return "；".join(parts)
    start = "" if term.exact else ", counting it" if counted else ", not counting it"
    parts = [f"{term} from {facts['from']}{start}, to {facts['to']}"]
    parts += [f"not working: {closed}"] if closed else []
    parts += [f"make-up days counted: {worked}"] if worked else []
    return "; ".join(parts)


def _pause(facts: Mapping[str, Any], lang: str) -> str:
    exact = facts["unit"] == "minutes"
    if lang == "zh":
        unit = "分钟" if exact else "个工作日" if facts["unit"] == "working_days" else "日"
        return f"{facts['since']}（不含）至 {facts['until']} 中止，扣除 {facts['skipped']} {unit}"
    unit = "minutes" if exact else "working days" if facts["unit"] == "working_days" else "days"
    return f"Paused after {facts['since']} through {facts['until']}: {facts['skipped']} {unit} not counted"


def _paused(facts: Mapping[str, Any], lang: str) -> str:
    if lang == "zh":
        return f"自 {facts['since']} 起中止，尚未恢复，暂无到期日"
    return f"Paused since {facts['since']} and not resumed: there is no due date yet"


def _clamped(facts: Mapping[str, Any], lang: str) -> str:
    if lang == "zh":
        return f"该月没有 {facts['day']} 日，以月末 {facts['to']} 为准"
    return f"That month has no day {facts['day']}: its last day {facts['to']} counts"


def _exclusive(facts: Mapping[str, Any], lang: str) -> str:
    if lang == "zh":
        return f"须在 {facts['from']} 之前（不含），最迟为 {facts['to']}"
    return f"Before {facts['from']}, not including it: {facts['to']} is the last"


def _rolled(facts: Mapping[str, Any], lang: str) -> str:
    if lang == "zh":
        way = "顺延至下一个" if facts["roll"] == "next" else "提前至上一个"
        return f"{facts['from']} 非工作日，{way}工作日 {facts['to']}"
    return f"{facts['from']} is not a working day: moved to the {facts['roll']} one, {facts['to']}"


def _at(facts: Mapping[str, Any], lang: str) -> str:
    return f"当日 {facts['time']} 截止" if lang == "zh" else f"It ends at {facts['time']} that day"


def _provisional(facts: Mapping[str, Any], lang: str) -> str:
    first, last = facts["known_from"], facts["known_until"]
    if lang == "zh":
        return f"日历 {facts['calendar']} 仅公布 {first} 至 {last}，此外按每周常规推算，日期为暂定"
    return f"Calendar {facts['calendar']} is published for {first} to {last} only: beyond it this date is provisional"


def _kept(facts: Mapping[str, Any], lang: str) -> str:
    edition = facts["edition"]
    if lang == "zh":
        return f"事项已改用新版次，此期限仍按起算时的版次 {edition} 计算"
    return f"The task came under another edition since; this date goes on by {edition}, under which it began"


def _chosen(words_zh: str, words_en: str) -> Callable[[Mapping[str, Any], str], str]:
    def sentence(facts: Mapping[str, Any], lang: str) -> str:
        days = [day or ("中止中" if lang == "zh" else "paused") for day in facts["candidates"]]
        chosen = facts["to"] or ("暂无" if lang == "zh" else "none yet")
        if lang == "zh":
            return f"取 {'、'.join(days)} 中{words_zh}者：{chosen}"
        return f"The {words_en} of {', '.join(days)}: {chosen}"

    return sentence


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "anchor": _anchor,
    "fixed": _fixed,
    "period": _period,
    "term": _term,
    "pause": _pause,
    "paused": _paused,
    "clamped": _clamped,
    "exclusive": _exclusive,
    "rolled": _rolled,
    "at": _at,
    "provisional": _provisional,
    "latest_of": _chosen("最晚", "latest"),
    "earliest_of": _chosen("最早", "earliest"),
    "kept": _kept,
}


def days_text(days: Sequence[str], lang: str) -> str:
    """Return ISO days as text with neighbours joined: "2022-01-29 to 2022-01-30, 2022-02-07"; "" for none."""
    joined = [
        first if first == last else f"{first}{'至' if lang == 'zh' else ' to '}{last}" for first, last in _runs(days)
    ]
    return ("、" if lang == "zh" else ", ").join(joined)


def _runs(days: Sequence[str]) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for day in days:
        before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        if runs and runs[-1][1] == before:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
