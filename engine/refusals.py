"""What a refusal says to people: one sentence with its reason and its cure, in Chinese and in English.

The sentences stand in one table, by code: `engine.refusal_sayings`. What fills them comes from the refusal's facts;
names are said with their titles where the definition has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engine.commands import Refusal
from engine.edition import Edition
from engine.events import Json
from engine.moves import plain
from engine.problems import Language, Text, fact_in
from engine.refusal_sayings import SAYINGS, Saying
from engine.titles import Titles
from engine.undecided import undecided

_OTHER = Saying(Text("未获准（{code}）", "it was refused ({code})"), Text("请与管理员联系", "ask the administrator"))


def say(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """The reason and the cure in one sentence. `kind` is the body in which names are looked up first."""
    saying = _saying(refusal)
    why, cured = (_filled(text, refusal, edition, lang, kind) for text in saying)
    return f"{why}；{cured}。" if lang == "zh" else f"{why[:1].upper()}{why[1:]}; {cured}."


def reason(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """Why not, alone and without a full stop."""
    return _filled(_saying(refusal).why, refusal, edition, lang, kind)


def plainly(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """As `say`, for those who work by a definition and did not write it: where the definition says in its own words
    why a guard does not hold, these words and the fields that it looked at, without the formula.
    """
    said = refusal.facts.get("said") if refusal.code == "guard" else None
    if not said:
        return say(refusal, edition, lang, kind)
    titles, text = Titles(edition, lang, kind), str(said[lang]).rstrip("。.")
    held = {
        name.partition(".")[2]: value for name, value in refusal.facts["operands"].items() if _FIELD.fullmatch(name)
    }
    seen = titles.listed([f"{titles.field(name)} {plain(value)}" for name, value in held.items()])
    if lang == "zh":
        return f"{text}（{seen}）。" if held else f"{text}。"
    return f"{text[:1].upper()}{text[1:]} ({seen})." if held else f"{text[:1].upper()}{text[1:]}."


_FIELD = re.compile(r"(task|form)\.[A-Za-z_]\w*")


def cure(refusal: Refusal, edition: Edition | None, lang: Language, kind: str = "") -> str:
    """What would help, alone and without a full stop."""
    return _filled(_saying(refusal).cure, refusal, edition, lang, kind)


def _saying(refusal: Refusal) -> Saying:
    """The sentence for a code; some codes have another one where they know more."""
    if refusal.code == "wrong_role" and not refusal.facts.get("roles"):
        return SAYINGS["wrong_role_none"]
    for code, fact in (("unknown_trigger", "near"), ("right_lapsed", "stated"), ("guard", "said")):
        if refusal.code == code and refusal.facts.get(fact):
            return SAYINGS[f"{code}_{fact}"]
    return SAYINGS.get(refusal.code, _OTHER)


def _filled(text: Text, refusal: Refusal, edition: Edition | None, lang: Language, kind: str) -> str:
    return text.in_(lang).format_map(_Told(refusal, Titles(edition, lang, kind)))


class _Told(dict[str, Any]):
    """The facts of a refusal in words, each when it is asked for."""

    def __init__(self, refusal: Refusal, titles: Titles) -> None:
        super().__init__(code=refusal.code, problem=refusal.facts.get(titles.lang, ""))
        self._facts, self._titles = refusal.facts, titles

    def __missing__(self, name: str) -> str:
        return _shown(self._titles, name, self._facts[name])


def _shown(titles: Titles, name: str, value: Json) -> str:
    show, value = _SHOWN.get(name), fact_in(value, titles.lang)
    return show(titles, value) if show else titles.listed([plain(value)] if not isinstance(value, list) else value)


def _problems(titles: Titles, problems: Json) -> str:
    shown = []
    for problem in problems:
        title, said, near = titles.field(problem["field"]), problem[titles.lang], problem.get("near")
        meant = "" if not near else f"（是否想写 {near}？）" if titles.lang == "zh" else f" (did you mean {near}?)"
        shown.append(f"{title}：{said}{meant}" if titles.lang == "zh" else f"{title}: {said}{meant}")
    return ("；" if titles.lang == "zh" else "; ").join(shown)


def _operands(titles: Titles, operands: Json) -> str:
    """`form.percent = 12, planned('2022-03') = 30`: what a guard saw, states by their titles."""
    shown = (
        f"{name} = {titles.state(value) if name.endswith('state') else plain(value)}"
        for name, value in operands.items()
    )
    return ", ".join(shown) or "—"


def _each(show: Callable[[Titles, Any], str]) -> Callable[[Titles, Json], str]:
    return lambda titles, names: titles.listed([show(titles, name) for name in names])


def _typed(show: Callable[[Titles, Any], str]) -> Callable[[Titles, Any], str]:
    """A name as it is typed, its title in brackets."""

    def shown(titles: Titles, name: Any) -> str:
        title = show(titles, name)
        if title == str(name):
            return title
        return f"{name}（{title}）" if titles.lang == "zh" else f"{name} ({title})"

    return shown


_PLACES: Mapping[str, Text] = {
    "task": Text("编号", "the id"),
    "actor": Text("办理人", "the actor"),
    "channel": Text("渠道", "the channel"),
    "key": Text("幂等键", "the idempotency key"),
    "login": Text("系统用户", "the system's user"),
    "trigger": Text("操作", "the trigger"),
    "reason": Text("原因", "the reason"),
    "form": Text("表单项的名称", "a name in the form"),
    "kind": Text("类别", "the kind"),
    "part_of": Text("所属专项", "the programme"),
    "fields": Text("字段的名称", "a name among the fields"),
    "milestones": Text("节点的名称", "a name in the plan"),
    "state": Text("状态", "the state"),
    "due": Text("在办事项的期限", "a day of the opening entry"),
    "source": Text("在办事项的来源", "the source of the opening entry"),
}
"""Where a text stood that cannot be kept."""

_SHOWN: Mapping[str, Callable[[Titles, Json], str]] = {
    "place": lambda titles, place: _PLACES[place].in_(titles.lang),
    "role": Titles.role,
    "roles": _each(Titles.role),
    "may": _each(Titles.role),
    "trigger": Titles.trigger,
    "near": _typed(Titles.trigger),
    "triggers": _each(Titles.trigger),
    "possible": _each(_typed(Titles.trigger)),
    "known": _each(_typed(Titles.choice)),
    "state": Titles.state,
    "sources": _each(Titles.state),
    "deadline": Titles.deadline,
    "field": Titles.field,
    "since": Titles.moment,
    "fields": _each(Titles.field),
    "problems": _problems,
    "occurred_at": Titles.moment,
    "now": Titles.moment,
    "began_at": Titles.moment,
    "operands": _operands,
    "error": lambda titles, error: undecided(error).in_(titles.lang),
    "said": lambda _titles, said: said or "",
}
