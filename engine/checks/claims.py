"""What is computed over a body (measures, the light), what it claims (properties), and what its children owe it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine import vocabulary
from engine.checks.drafts import Draft
from engine.checks.effects import check_fired
from engine.checks.flow import check_states
from engine.checks.records import MEMBERS
from engine.document import Path
from engine.expressions import Kind
from engine.model import Child, Measure, Property
from engine.model.fields import kind_of
from engine.problems import Text

Drafts = Mapping[str, Draft]
"""The drafts of a process by the kind of their bodies."""


def check_claims(draft: Draft, drafts: Drafts) -> None:
    """Measures, signals, properties and children of one body."""
    path = draft.site.path
    for name, measure in draft.site.body.measures.items():
        _check_measure(draft, drafts, measure, (*path, "measures", name))
    _check_circles(draft)
    _check_signals(draft)
    for index, claim in enumerate(draft.site.body.properties):
        _check_property(draft, claim, (*path, "properties", index))
    for name, child in draft.site.body.children.items():
        _check_child(draft, name, child, (*path, "children", name))


def measured(draft: Draft, drafts: Drafts, measure: Measure) -> Draft | None:
    """The draft in whose language a measure speaks: its own, its children's or the programme's members'."""
    if measure.over is None:
        return draft
    if measure.over == MEMBERS:
        return drafts[""] if draft.site.is_programme else None
    return drafts.get(draft.site.child_kind(measure.over))


def _check_score(draft: Draft, name: str, path: Path) -> None:
    """A score is counted in a number of the record."""
    numbers = [name for name, field in draft.site.body.fields.items() if kind_of(field.type) is Kind.NUMBER]
    if name not in numbers:
        draft.findings.unknown("unknown-field", Text("数字字段", "number field"), name, numbers, path)


def _check_measure(draft: Draft, drafts: Drafts, measure: Measure, path: Path) -> None:
    over = measured(draft, drafts, measure)
    if over is None:
        known = [*draft.site.body.children, *([MEMBERS] if draft.site.is_programme else [])]
        noun = Text("子事项", "child")
        draft.findings.unknown("unknown-child", noun, measure.over or "", known, (*path, "over"))
        return
    if measure.value is not None:
        over.value(measure.value, kind_of(measure.type), (*path, "value"))
    if measure.sum is not None:
        over.value(measure.sum, Kind.NUMBER, (*path, "sum"))
    over.guard(measure.count, (*path, "count"))
    over.guard(measure.where, (*path, "where"))
    if measure.scored_by is not None:
        _check_score(draft, measure.scored_by, (*path, "scored_by"))
    if measure.by is not None and measure.by not in over.site.body.fields:
        noun, fields = Text("字段", "field"), over.site.body.fields
        draft.findings.unknown("unknown-field", noun, measure.by, fields, (*path, "by"))
    if measure.value is None and kind_of(measure.type) is not Kind.NUMBER:
        message = Text("计数与合计的结果是数字", "a count or a sum is a number")
        cure = Text("请用 integer 等类型", "use `integer` or `decimal`")
        draft.findings.add("measure-type", (*path, "type"), message, cure)


def _used(draft: Draft, texts: Iterable[str | None]) -> set[str]:
    """The measures that expressions read."""
    compiled = (draft.expressions[text] for text in texts if text in draft.expressions)
    names = (name for expression in compiled for name in expression.names if name.startswith("measure."))
    return {name.removeprefix("measure.") for name in names}


def _check_circles(draft: Draft) -> None:
    measures = draft.site.body.measures
    uses = {name: _used(draft, [measure.value]) for name, measure in measures.items() if measure.over is None}
    for name in uses:
        if name in _reached(uses, name):
            message = Text(f"指标 `{name}` 的计算用到它自己", f"the measure `{name}` is computed from itself")
            cure = Text("请打断循环引用", "break the circle")
            draft.findings.add("circular-measure", (*draft.site.path, "measures", name), message, cure)


def _reached(uses: Mapping[str, set[str]], name: str) -> set[str]:
    found: set[str] = set()
    waiting = list(uses.get(name, ()))
    while waiting:
        if (each := waiting.pop()) not in found:
            found.add(each)
            waiting += uses.get(each, ())
    return found


def _check_signals(draft: Draft) -> None:
    signals, path = draft.site.body.signals, (*draft.site.path, "signals")
    for index, signal in enumerate(signals):
        draft.guard(signal.when, (*path, index, signal.colour, "when"))
    if signals and signals[-1].when != "true":
        message = Text("最后一条应为 true，否则可能不亮灯", "the last rule is not `true`: there may be no light at all")
        place = (*path, len(signals) - 1, signals[-1].colour, "when")
        draft.findings.add("signal-not-total", place, message, Text("最后加一条 green: true", "end with `green: true`"))


def _check_property(draft: Draft, claim: Property, path: Path) -> None:
    if isinstance(claim.never, str):
        draft.guard(claim.never, (*path, "never"))
    elif claim.never is not None:
        never = claim.never["state"]
        check_states(draft, [never] if isinstance(never, str) else never, (*path, "never", "state"))
    draft.guard(claim.always, (*path, "always"))
    draft.guard(claim.when, (*path, "when"))
    for name, states in (("from", claim.from_), ("reaches", claim.reaches), ("can_reach", claim.can_reach)):
        check_states(draft, states, (*path, name))
    if claim.within is not None:
        draft.term(claim.within, (*path, "within"))


def _check_child(draft: Draft, name: str, child: Child, path: Path) -> None:
    ends = [state for state, each in child.states.items() if each.final]
    if child.cancelled is not None and child.cancelled not in ends:
        noun = Text("终结状态", "final state")
        draft.findings.unknown("unknown-state", noun, child.cancelled, ends, (*path, "cancelled"))
    if child.on_parent_end == "cancel" and child.cancelled is None:
        message = Text(
            f"父事项结束时 `{name}` 被取消，但未写明落到哪个状态",
            f"`{name}` is cancelled when its parent ends, but into no state",
        )
        cure = Text(
            "加上 cancelled: 终结状态，或 on_parent_end: keep",
            "add `cancelled: STATE` (a final one), or `on_parent_end: keep`",
        )
        draft.findings.add("no-cancelled-state", path, message, cure)
    for index, rule in enumerate(child.on_end):
        here = (*path, "on_end", index)
        check_fired(draft, draft.site, rule.fire, (*here, "fire"))
        for place, state in enumerate(rule.in_):
            if state not in ends:
                noun = Text("终结状态", "final state")
                draft.findings.unknown("unknown-state", noun, state, ends, (*here, "in", place))


def clock_of(draft: Draft, drafts: Drafts) -> str:
    """How finely the light of a body depends on time alone: `day`, `month` or `none`."""
    said = _said(draft, drafts, [signal.when for signal in draft.site.body.signals], set())
    if said & vocabulary.DAILY:
        return "day"
    return "month" if said & vocabulary.MONTHLY else "none"


def _said(draft: Draft, drafts: Drafts, texts: Iterable[str | None], seen: set[tuple[str, str]]) -> set[str]:
    """Every name and function that these expressions say, measures followed."""
    expressions = [draft.expressions[text] for text in texts if text in draft.expressions]
    said = {word for expression in expressions for word in (*expression.names, *expression.calls)}
    for name in sorted(_used(draft, [expression.text for expression in expressions])):
        measure = draft.site.body.measures.get(name)
        over = measure and measured(draft, drafts, measure)
        if measure and over and (draft.site.kind, name) not in seen:
            seen.add((draft.site.kind, name))
            said |= _said(over, drafts, [measure.value, measure.count, measure.sum, measure.where], seen)
    return said
