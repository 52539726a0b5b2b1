"""What guards come to together: branches that are never taken or leave the choice to their order, conditions that can
never hold or always do, lights that never show. What is called impossible is proved; the rest is shown by a witness.

These questions need a whole edition and a solver, so they are no part of loading: `duban check` asks them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from typing import TYPE_CHECKING

from engine.checks.findings import written
from engine.checks.sites import Site, sites
from engine.document import Document, Path
from engine.edition import Edition, Sheet
from engine.guards import Answer, Fact, Literal, questions
from engine.guards.quick import Quick
from engine.machine import sources
from engine.model import Branch, Due, Effect, Transition, Window
from engine.once import once
from engine.problems import Position, Problem, Severity, Text
from engine.titles import COLOURS

if TYPE_CHECKING:
    from engine.guards.asking import Guards

CODES: Mapping[str, Text] = {
    "guard-never": Text("条件永远不能成立", "a guard can never hold"),
    "guard-always": Text("条件总是成立，不必写", "a guard always holds and need not be said"),
    "branch-never": Text(
        "去向永远无法到达：前面的已包括所有情形", "a branch is never taken: those before it take every case"
    ),
    "branch-overlap": Text(
        "两个去向的条件可以同时成立，只凭先后取舍", "two branches can hold at once, and only their order decides"
    ),
    "no-otherwise": Text("条件都不成立时没有去向", "nothing is said for the case in which no branch holds"),
    "signal-never": Text("灯色永远不亮", "a light never shows"),
    "window-never": Text("可以操作的时间是空的", "a window never opens"),
    "refusal-never": Text("不受理的理由永远不会出现", "a refusal is never said"),
}
"""What is found here, by code."""


def of_guards(edition: Edition, document: Document) -> list[Problem]:
    """Everything that the guards of an edition are found to be, with positions."""
    return list(guards_asked(edition, document))


def guards_asked(edition: Edition, document: Document) -> Iterator[Problem]:
    """The same, one after the other. Raises `SpentError` where an effort does not suffice for all of them."""
    for body in _bodies(edition, document):
        yield from body.problems()


def with_witness(edition: Edition, document: Document, problems: Sequence[Problem]) -> list[Problem]:
    """The same; each `no-otherwise` with facts for which no branch holds, or the word that there are none."""
    cases = {at: case for body in _bodies(edition, document) for at, case in body.open_cases()}
    return [
        replace(each, message=_joined(each.message, cases[each.where])) if each.where in cases else each
        for each in problems
    ]


def _bodies(edition: Edition, document: Document) -> Iterator[_Body]:
    for site in sites(edition.process):
        sheet = edition.sheets[site.kind]
        yield _Body(edition, sheet, site, document, Quick(edition, sheet))


@dataclass(frozen=True)
class _Body:
    """One body, under question."""

    edition: Edition
    sheet: Sheet
    site: Site
    document: Document
    quick: Quick

    @once
    def guards(self) -> Guards:
        """The solver's answers: it is loaded where no try has settled a question."""
        return questions(self.edition, self.sheet)

    def _cannot(self, wanted: Sequence[Literal], trigger: str | None, states: Sequence[str] = ()) -> bool:
        """Whether literals surely do not come out so together."""
        if self.quick.seen(wanted, states, trigger):
            return False
        return self.guards.never(wanted, trigger=trigger, state=states)

    def problems(self) -> Iterator[Problem]:
        path = self.site.path
        for index, transition in enumerate(self.site.body.transitions):
            yield from self._transition(transition, (*path, "transitions", index))
        for name, deadline in self.site.body.deadlines.items():
            here = (*path, "deadlines", name)
            yield from self._alone(deadline.when, (*here, "when"))
            for index, met in enumerate(deadline.met_by):
                yield from self._alone(met.when, (*here, "met_by", index, "when"), met.trigger)
        yield from self._signals((*path, "signals"))

    def open_cases(self) -> Iterator[tuple[Position, Text]]:
        """Where branches have no `otherwise`: facts for which none holds."""
        for index, transition in enumerate(self.site.body.transitions):
            if transition.to and not transition.to[-1].otherwise:
                wanted = [*_given(transition), *(Literal(str(each.when), holds=False) for each in transition.to)]
                answer = self._asked(transition, wanted)
                yield self._at((*self.site.path, "transitions", index, "to")), _open_case(answer)

    def _transition(self, transition: Transition, path: Path) -> Iterator[Problem]:
        states = sources(self.site.body, transition)
        yield from self._alone(transition.when, (*path, "when"), transition.trigger, states)
        yield from self._branches(transition, (*path, "to"))
        yield from self._effects(transition.then, transition, (*path, "then"))
        for index, branch in enumerate(transition.to):
            yield from self._effects(branch.then, transition, (*path, "to", index, "then"))
        if transition.window is not None and self._is_shut(transition.window):
            message = Text(
                "可以操作的时间是空的：开始晚于结束", "this window never opens: it begins after it has ended"
            )
            cure = Text("请核对 not_before、after 与 not_after", "compare `not_before`, `after` and `not_after`")
            yield self._problem("window-never", (*path, "window"), message, cure)
        if transition.refusals and transition.when is None and transition.to[-1].otherwise:
            message = Text("没有 when，不受理的理由永远不会出现", "there is no `when`: this refusal is never said")
            cure = Text("写上 when，或删去 refusal", "add a `when`, or take the refusal out")
            yield self._problem("refusal-never", (*path, "refusal"), message, cure, "warning")

    def _branches(self, transition: Transition, path: Path) -> Iterator[Problem]:
        if self._never_asked(transition, _given(transition)):
            return
        guarded = [(index, branch) for index, branch in enumerate(transition.to) if branch.when is not None]
        dead = set()
        for place, (index, branch) in enumerate(guarded):
            before = [Literal(str(other.when), holds=False) for _, other in guarded[:place]]
            here, when = (*path, index, "when"), str(branch.when)
            if self._never_asked(transition, [*_given(transition), Literal(when)]):
                dead.add(index)
                yield self._never(here, when)
            elif before and self._never_asked(transition, [*_given(transition), *before, Literal(when)]):
                dead.add(index)
                yield self._covered(here, when)
        yield from self._overlaps(transition, [each for each in guarded if each[0] not in dead], path)

    def _overlaps(self, transition: Transition, guarded: list[tuple[int, Branch]], path: Path) -> Iterator[Problem]:
        """Two branches that divide the same facts between different states and hold at once, neither a special case of
        the other. For a cascade of questions about different things there is `the first that holds`.
        """
        for (_, first), (index, second) in combinations(guarded, 2):
            pair = str(first.when), str(second.when)
            if first.state == second.state or not self._divide(*pair) or self._is_case_of(transition, *pair):
                continue
            answer = self._asked(transition, [*_given(transition), *map(Literal, pair)])
            if answer.possible:
                yield self._overlap((*path, index, "when"), pair, answer)

    def _divide(self, first: str, second: str) -> bool:
        facts = [self.quick.reads(each) - {"state"} for each in (first, second)]
        return bool(facts[0]) and facts[0] == facts[1] and not self.quick.apart(first, second)

    def _is_case_of(self, transition: Transition, first: str, second: str) -> bool:
        given = [*_given(transition), Literal(first), Literal(second, holds=False)]
        return self._never_asked(transition, given)

    def _effects(self, effects: Sequence[Effect], transition: Transition, path: Path) -> Iterator[Problem]:
        """What follows is asked after the record has changed: only what stands in the form is as it was."""
        for index, effect in enumerate(effects):
            yield from self._alone(effect.when, (*path, index, "when"), transition.trigger)

    def _alone(
        self, when: str | None, path: Path, trigger: str | None = None, states: Sequence[str] = ()
    ) -> Iterator[Problem]:
        """A condition by itself: it can hold, and it can be false or fail."""
        if when is None:
            return
        if self._cannot([Literal(when)], trigger, states):
            yield self._never(path, when)
        elif self._cannot_be_false(when, trigger, states):
            yield self._always(path, when)

    def _cannot_be_false(self, when: str, trigger: str | None, states: Sequence[str]) -> bool:
        never = self._cannot([Literal(when, holds=False)], trigger, states)
        return never and when != "true" and self.guards.always(when, trigger=trigger, state=states)

    def _signals(self, path: Path) -> Iterator[Problem]:
        before: list[Literal] = []
        for index, signal in enumerate(self.site.body.signals):
            if self._cannot([*before, Literal(signal.when)], None):
                name = COLOURS[signal.colour]
                message = Text(f"{name.zh}灯永远不亮", f"the {name.en} light never shows")
                cure = Text(
                    "条件不能成立，或前面的灯已把情形占完", "it cannot hold, or the lights before it take every case"
                )
                yield self._problem("signal-never", (*path, index, signal.colour), message, cure)
            before.append(Literal(signal.when, holds=False))

    def _asked(self, transition: Transition, wanted: Sequence[Literal]) -> Answer:
        return self.guards.possible(wanted, state=sources(self.site.body, transition), trigger=transition.trigger)

    def _never_asked(self, transition: Transition, wanted: Sequence[Literal]) -> bool:
        return self._cannot(wanted, transition.trigger, sources(self.site.body, transition))

    def _is_shut(self, window: Window) -> bool:
        """Whether fixed days (literal, or parameters) make a window end before it begins."""
        last = self._day(window.not_after)
        first = self._day(window.not_before)
        over = self._day(window.after)
        return last is not None and ((first is not None and first > last) or (over is not None and over >= last))

    def _day(self, due: Due | None) -> date | None:
        """The last day of a rule that is a fixed date and nothing else."""
        if due is None or due.date is None or due.roll != "none":
            return None
        text = due.date if due.date in self.sheet.dates else self._parameter(due.date)
        return date.fromisoformat(text) - timedelta(0 if due.including else 1) if text else None

    def _parameter(self, text: str) -> str | None:
        value = self.edition.parameters.get(text.removeprefix("param.")) if text.startswith("param.") else None
        return value if isinstance(value, str) else None

    def _never(self, path: Path, when: str) -> Problem:
        message = Text(f"条件永远不能成立：{when}", f"this can never hold: {when}")
        cure = Text("请核对两边的值、状态和表单", "compare the values, the states and the form")
        return self._problem("guard-never", path, message, cure, said=when)

    def _always(self, path: Path, when: str) -> Problem:
        message = Text(f"条件总是成立：{when}", f"this always holds: {when}")
        cure = Text("可以删去，或写出想要的条件", "leave it out, or say what was meant")
        return self._problem("guard-always", path, message, cure, "note", said=when)

    def _covered(self, path: Path, when: str) -> Problem:
        message = Text("永远无法到达：前面的去向已包括所有情形", "never taken: the branches before it take every case")
        cure = Text("把较特殊的条件放在前面", "put the special case first")
        return self._problem("branch-never", path, message, cure, said=when)

    def _overlap(self, path: Path, pair: tuple[str, str], answer: Answer) -> Problem:
        case, sure = told(answer.witness), answer.certain
        zh = f"与“{pair[0]}”{'' if sure else '可能'}同时成立：{case.zh}；只走写在前面的"
        en = f"{'holds' if sure else 'may hold'} together with `{pair[0]}`: {case.en}; the first is taken"
        cure = Text(
            "在这里排除前一条的情形，使先后无关", "exclude the other's case here, so that order does not decide"
        )
        return self._problem("branch-overlap", path, Text(zh, en), cure, "warning", said=pair[1])

    def _problem(
        self, code: str, path: Path, message: Text, cure: Text, severity: Severity = "error", said: str | None = None
    ) -> Problem:
        return Problem(code, self._at(path, said), message, cure, severity)

    def _at(self, path: Path, said: str | None = None) -> Position:
        return self.document.at(written(self.document, path, said))


def told(witness: Mapping[str, Fact]) -> Text:
    """A witness in words: `form.percent: 69, task.due: not set`."""
    pairs = [(name, _shown(value)) for name, value in witness.items()]
    if not pairs:
        return Text("任何情形", "in every case")
    return Text("，".join(f"{name}：{value.zh}" for name, value in pairs), ", ".join(f"{n}: {v.en}" for n, v in pairs))


def _shown(value: Fact) -> Text:
    match value:
        case None:
            return Text("未填", "not set")
        case bool():
            return Text("是", "true") if value else Text("否", "false")
        case str():
            return Text(f"“{value}”", f"'{value}'")
        case _:
            return Text(f"{value:.15g}", f"{value:.15g}")


def _given(transition: Transition) -> list[Literal]:
    """What holds before a branch is asked for."""
    return [Literal(transition.when)] if transition.when is not None else []


def _open_case(answer: Answer) -> Text:
    match answer.verdict:
        case "possible":
            case = told(answer.witness)
            return Text(f"例如 {case.zh}", f"for instance {case.en}")
        case "impossible":
            return Text(
                "（各条件已无遗漏，最后一条可改为 otherwise）",
                "(the guards leave no case: the last may be `otherwise`)",
            )
        case _:
            return Text("", "")


def _joined(message: Text, more: Text) -> Text:
    return Text(f"{message.zh}：{more.zh}", f"{message.en}: {more.en}") if more.zh else message
