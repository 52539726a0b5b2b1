"""A what-if beside its story, in words: what each supposition changed, what was no longer possible, what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.problems import Language, Text
from engine.refusals import reason
from engine.titles import Titles
from workflows.authoring.contrast import changes, course, line, summed, told
from workflows.authoring.rehearse import Rehearsal
from workflows.authoring.supposing import Supposed

_IDLE = Text("没有改动任何一步：剧本里没有这样的操作", "changed nothing: the story has no such act")
_LOST = Text("不再可能的操作", "Acts that are no longer possible")
_SUM = Text("与原剧本相比", "Compared with the story")
_SAME = Text("没有差别", "no difference")
_EACH = Text("逐项", "Task by task")


def contrasted(lived: Rehearsal, other: Rehearsal, supposed: Supposed, lang: Language) -> tuple[str, dict[str, Any]]:
    """The differences as text, and for programs."""
    found = changes(course(lived.events), course(other.events))
    edition, titles = other.edition, Titles(other.edition, lang)
    lost = [
        f"{stop.at.astimezone(edition.zone):%Y-%m-%d %H:%M}  {stop.task}  {titles.trigger(stop.trigger)}: "
        f"{reason(stop.refusal, edition, lang)}"
        for stop in other.lost
    ]
    total = told(edition, summed(found), lang) or [_SAME.in_(lang)]
    lines = [*_supposed(supposed, lang), "", _SUM.in_(lang), *total]
    lines += ["", _LOST.in_(lang), *lost] if lost else []
    lines += ["", _EACH.in_(lang), *(line(edition, each, lang) for each in found)] if found else []
    return "\n".join(lines), {"changed": supposed.touched, "lost": lost, "differences": [_json(each) for each in found]}


def _supposed(supposed: Supposed, lang: Language) -> Iterator[str]:
    colon = "：" if lang == "zh" else ": "
    yield f"{'假如' if lang == 'zh' else 'What if'}{colon}{supposed.what_if.title(lang)}"
    for number, (each, touched) in enumerate(zip(supposed.what_if.suppose, supposed.touched, strict=True), 1):
        trigger = Titles(supposed.edition, lang).trigger(each.do)
        changed = Text(f"改动 {touched} 步", f"changed {touched} acts") if touched else _IDLE
        yield f"{number}. {trigger}{colon}{changed.in_(lang)}"


def _json(each: Any) -> dict[str, Any]:
    one = each.occasion
    return {
        "task": one.task, "body": one.body, "sort": one.sort.value, "name": one.name, "key": one.key,
        "fate": each.fate.value, "before": each.before, "after": each.after,
    }  # fmt: skip
