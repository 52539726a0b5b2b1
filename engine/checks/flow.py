"""States and transitions: one beginning, an end, names that exist, and branches that leave no case open."""

from __future__ import annotations

from collections.abc import Iterable

from engine.checks.drafts import Draft, Words
from engine.checks.effects import check_assignments, check_effects
from engine.checks.roles import check_role
from engine.document import Path
from engine.expressions import Kind
from engine.model import Branch, Transition
from engine.model.fields import Field, FieldType, kind_of
from engine.model.transitions import PREVIOUS, STAY
from engine.problems import Text

ANY = "any"
RESERVED_STATES = frozenset({STAY, PREVIOUS, ANY})
RESERVED_TRIGGERS = frozenset({"registered", "system", "anyone"})

_STATE = Text("状态", "state")
_TRIGGER = Text("操作", "trigger")


def check_flow(draft: Draft) -> None:
    """Everything about the states, the transitions and the registration of one body."""
    _check_ends(draft)
    _check_triggers(draft)
    _check_forms(draft)
    _check_registration(draft)
    for index, transition in enumerate(draft.site.body.transitions):
        _check_transition(draft, transition, (*draft.site.path, "transitions", index))


def check_states(draft: Draft, names: Iterable[str], path: Path, extra: Iterable[str] = ()) -> None:
    """Every name is a state of the body, or one of the `extra` words."""
    known = {*draft.site.body.states, *extra}
    for index, name in enumerate(names):
        if name not in known:
            draft.findings.unknown("unknown-state", _STATE, name, known, (*path, index))


def check_triggers(draft: Draft, names: Iterable[str], path: Path) -> None:
    """Every name is a trigger of the body."""
    known = draft.site.triggers
    for index, name in enumerate(names):
        if name not in known:
            draft.findings.unknown("unknown-trigger", _TRIGGER, name, known, (*path, index))


def form_words(prefix: str, form: Iterable[tuple[str, Field]]) -> frozenset[str]:
    """The variables that the fields of a form give."""
    names = set()
    for name, field in form:
        names.add(f"{prefix}.{name}")
        if field.type is FieldType.QUANTITY:
            names.add(f"{prefix}.{name}_unit")
    return frozenset(names)


def _check_ends(draft: Draft) -> None:
    body, path = draft.site.body, (*draft.site.path, "states")
    initial = [name for name, state in body.states.items() if state.initial]
    if len(initial) != 1:
        message = Text(f"应有且只有一个初始状态，现有 {len(initial)} 个", f"one state is initial, not {len(initial)}")
        place = (*path, initial[1], "initial") if initial else path
        cure = Text("只给一个状态写 initial: true", "write `initial: true` on exactly one state")
        draft.findings.add("initial-state", place, message, cure)
    if not draft.site.finals and not draft.site.is_programme:
        cure = Text("给结束的状态写 final: true", "write `final: true` on the state that ends it")
        draft.findings.add("no-final-state", path, Text("没有终结状态", "no state is final"), cure)
    for name in RESERVED_STATES & set(body.states):
        _reserved(draft, name, (*path, name), Text("状态", "state"))


def _reserved(draft: Draft, name: str, path: Path, noun: Text) -> None:
    message = Text(f"`{name}` 是保留字，不能作{noun.zh}名", f"`{name}` is reserved and cannot name a {noun.en}")
    draft.findings.add("reserved-name", path, message, Text("请换一个名称", "choose another name"))


def _check_triggers(draft: Draft) -> None:
    seen: set[str] = set()
    for index, transition in enumerate(draft.site.body.transitions):
        path = (*draft.site.path, "transitions", index, "trigger")
        if transition.trigger in RESERVED_TRIGGERS:
            _reserved(draft, transition.trigger, path, _TRIGGER)
        if transition.trigger in seen:
            message = Text(f"操作 `{transition.trigger}` 重复", f"the trigger `{transition.trigger}` stands twice")
            cure = Text("合并为一条，或换一个名称", "make it one transition with branches, or choose another name")
            draft.findings.add("duplicate-trigger", path, message, cure)
        seen.add(transition.trigger)


def _check_forms(draft: Draft) -> None:
    """A body has one language: what a form calls by one name has one type."""
    types: dict[str, FieldType] = {}
    for index, transition in enumerate(draft.site.body.transitions):
        for name, field in transition.form.items():
            if types.setdefault(name, field.type) is not field.type:
                path = (*draft.site.path, "transitions", index, "form", name, "type")
                other = types[name]
                message = Text(f"表单项 `{name}` 在别处是 {other} 类型", f"`{name}` is of type {other} in another form")
                cure = Text("用同一类型，或换一个名称", "use one type, or another name")
                draft.findings.add("form-type", path, message, cure)


def _check_registration(draft: Draft) -> None:
    registration, path = draft.site.body.registration, (*draft.site.path, "registration")
    words = Words(actor=True, copies=True)
    for index, by in enumerate(registration.by):
        check_role(draft, by.role, (*path, "by", index, "role"))
        if by.not_ is not None:
            draft.value(by.not_, Kind.TEXT, (*path, "by", index, "not"), words)
    for index, name in enumerate(registration.unique):
        if name not in draft.site.body.fields:
            known = draft.site.body.fields
            draft.findings.unknown("unknown-field", Text("字段", "field"), name, known, (*path, "unique", index))
    check_effects(draft, registration.then, (*path, "then"), words)


def _check_transition(draft: Draft, transition: Transition, path: Path) -> None:
    words = Words(forms=form_words("form", transition.form.items()), actor=True, copies=True)
    check_states(draft, transition.from_, (*path, "from"), [ANY])
    for index, by in enumerate(transition.by):
        check_role(draft, by.role, (*path, "by", index, "role"))
        if by.not_ is not None:
            draft.value(by.not_, Kind.TEXT, (*path, "by", index, "not"), words)
    draft.guard(transition.when, (*path, "when"), words)
    _check_refusals(draft, transition, (*path, "refusal"), words)
    _check_window(draft, transition, path, words)
    check_assignments(draft, transition.set, draft.site.body.fields, (*path, "set"), words)
    _check_milestone(draft, transition, (*path, "milestone"), words)
    check_effects(draft, transition.then, (*path, "then"), words)
    _check_branches(draft, transition.to, (*path, "to"), words)


def _check_refusals(draft: Draft, transition: Transition, path: Path, words: Words) -> None:
    """Several words of a refusal: the first that fit are said, so only the last may do without a condition."""
    for index, why in enumerate(transition.refusals):
        draft.guard(why.when, (*path, index, "when"), words)
        if why.when is None and index < len(transition.refusals) - 1:
            message = Text("之后的理由永远不会出现", "the words after these are never said")
            draft.findings.add("refusal-not-last", (*path, index), message, Text("把它放到最后", "put it last"))


def _check_window(draft: Draft, transition: Transition, path: Path, words: Words) -> None:
    if transition.window is not None:
        for name in ("not_before", "after", "not_after"):
            if (due := getattr(transition.window, name)) is not None:
                draft.due(due, (*path, "window", name), words)


def _check_milestone(draft: Draft, transition: Transition, path: Path, words: Words) -> None:
    change, plan = transition.milestone, draft.site.body.milestones
    if change is None:
        return
    if plan is None:
        message = Text("本流程没有定义节点", "there are no milestones to change")
        draft.findings.add("no-milestones", path, message, Text("请先定义 milestones", "define `milestones` first"))
        return
    draft.value(change.key, kind_of(plan.key), (*path, "key"), words)
    check_assignments(draft, change.set, plan.fields, (*path, "set"), words)


def _check_branches(draft: Draft, branches: tuple[Branch, ...], path: Path, words: Words) -> None:
    if not branches or not branches[-1].otherwise:
        cure = Text("最后加一条 otherwise: true", "end with a branch `otherwise: true`")
        message = Text("条件都不成立时没有去向", "nothing is said for the case in which no branch holds")
        draft.findings.add("no-otherwise", path, message, cure)
    for index, branch in enumerate(branches):
        here = (*path, index)
        if branch.otherwise and index < len(branches) - 1:
            message = Text("otherwise 之后的去向永远不会走到", "no branch after `otherwise` is ever reached")
            draft.findings.add("otherwise-not-last", here, message, Text("把它放到最后", "put it last"))
        check_states(draft, [branch.state], (*here, "state"), [STAY, PREVIOUS])
        draft.guard(branch.when, (*here, "when"), words)
        check_assignments(draft, branch.set, draft.site.body.fields, (*here, "set"), words)
        check_effects(draft, branch.then, (*here, "then"), words)
