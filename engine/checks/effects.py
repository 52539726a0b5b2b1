"""What follows a transition: assignments, notices, children, triggers fired elsewhere in the family, publications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.checks.drafts import Draft, Words
from engine.checks.roles import ANYONE, check_role
from engine.checks.sites import Site
from engine.document import Path
from engine.expressions import Expression, Kind
from engine.model import Child, Effect
from engine.model.fields import Field, FieldType, kind_of, opens
from engine.problems import Text

TASK = "task"
PARENT = "parent"

_FIELD = Text("字段", "field")


def check_effects(draft: Draft, effects: Iterable[Effect], path: Path, words: Words) -> None:
    """Every effect of one transition, branch or registration."""
    for index, effect in enumerate(effects):
        here = (*path, index)
        draft.guard(effect.when, (*here, "when"), _reading(words))
        _check_notice(draft, effect, here)
        _check_open(draft, effect, here, words)
        _check_fire(draft, effect, here, words)
        _check_publish(draft, effect, here, words)


def check_assignments(
    draft: Draft, values: Mapping[str, str], fields: Mapping[str, Field], path: Path, words: Words
) -> None:
    """`set`: fields that exist and may change, with values of their kind."""
    for name, text in values.items():
        field, here = fields.get(name), (*path, name)
        if field is None:
            draft.findings.unknown("unknown-field", _FIELD, name, fields, here)
            continue
        if field.immutable:
            message = Text(f"字段 `{name}` 登记后不可更改", f"the field `{name}` never changes after registration")
            cure = Text("请删去该行或 immutable", "remove this line, or `immutable`")
            draft.findings.add("immutable", here, message, cure)
        check_value(draft, text, field, here, words)


def check_value(draft: Draft, text: str, field: Field, path: Path, words: Words) -> Expression | None:
    """An expression that fills a field; what is personal may only be copied into a personal field."""
    expression = draft.value(text, kind_of(field.type), path, words)
    if expression is not None and any(opens(each, field) for each in draft.asked.get(text, ())):
        message = Text(
            f"`{text}` 是个人信息，只能存入标明 personal 的字段", f"`{text}` is personal and its copy would not be"
        )
        cure = Text("给该字段（或该列）加 personal: true", "mark the field, or its column, `personal: true`")
        draft.findings.add("personal", path, message, cure)
    return expression


def _reading(words: Words) -> Words:
    return Words(words.forms, words.start, words.actor)


def _check_notice(draft: Draft, effect: Effect, path: Path) -> None:
    if effect.notice is not None and effect.notice not in draft.site.body.notices:
        noun, known = Text("通知", "notice"), draft.site.body.notices
        draft.findings.unknown("unknown-notice", noun, effect.notice, known, (*path, "notice"))
    for index, role in enumerate(effect.to):
        check_role(draft, role, (*path, "to", index), frozenset({ANYONE}))


def _check_open(draft: Draft, effect: Effect, path: Path, words: Words) -> None:
    if effect.open is None:
        return
    child = draft.site.body.children.get(effect.open)
    if child is None:
        noun, known = Text("子事项", "child"), draft.site.body.children
        draft.findings.unknown("unknown-child", noun, effect.open, known, (*path, "open"))
        return
    _check_given(draft, effect, child.fields, path, words)
    given = {*effect.with_, *_given_by_rows(draft, effect, child, path, words)}
    _check_required(draft, child, given, (*path, "open"))


def _given_by_rows(draft: Draft, effect: Effect, child: Child, path: Path, words: Words) -> Iterable[str]:
    """The child's fields that each row (or each text) of `for_each` fills."""
    if effect.for_each is None:
        return ()
    expression = draft.listed(effect.for_each, (*path, "for_each"), _reading(words))
    if expression is None:
        return child.fields
    if expression.kind is Kind.ROWS:
        return _columns(draft, expression)
    if effect.as_ is None:
        cure = Text("加上 as: 子事项的字段", "add `as: FIELD`, a field of the child")
        message = Text("没有说明每一项存入哪个字段", "it is not said which field takes each of them")
        draft.findings.add("for-each", (*path, "for_each"), message, cure)
        return child.fields
    if effect.as_ not in child.fields:
        draft.findings.unknown("unknown-field", _FIELD, effect.as_, child.fields, (*path, "as"))
    return (effect.as_,)


def _columns(draft: Draft, expression: Expression) -> Iterable[str]:
    """The columns of a rows field that is named alone; a computed table is known only when it runs."""
    prefix, _, name = expression.text.partition(".")
    forms = [transition.form for transition in draft.site.body.transitions]
    for fields in [draft.site.body.fields] if prefix == "task" else forms:
        if name in fields and fields[name].type is FieldType.ROWS:
            return fields[name].columns or ()
    return ()


def _check_required(draft: Draft, child: Child, given: Iterable[str], path: Path) -> None:
    wanted = (name for name, field in child.fields.items() if field.required and field.default is None)
    missing = [name for name in wanted if name not in set(given)]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        message = Text(f"子事项的必填字段没有给出：{listed}", f"required fields of the child are not given: {listed}")
        cure = Text("在 with 中给出", f"add `with: {{{missing[0]}: …}}`")
        draft.findings.add("required-field", path, message, cure)


def _check_fire(draft: Draft, effect: Effect, path: Path, words: Words) -> None:
    if effect.fire is None or effect.on is None:
        return
    target = _target(draft.site, effect.on)
    if target is None:
        known = [*draft.site.body.children, TASK, *([PARENT] if draft.site.parent else [])]
        draft.findings.unknown("unknown-child", Text("子事项", "child"), effect.on, known, (*path, "on"))
        return
    check_fired(draft, target, effect.fire, (*path, "fire"))
    form = next((each.form for each in target.body.transitions if each.trigger == effect.fire), None)
    if form is not None:
        _check_given(draft, effect, form, path, words)


def _check_given(draft: Draft, effect: Effect, fields: Mapping[str, Field], path: Path, words: Words) -> None:
    """`with`: fields that are there, with values of their kind."""
    for name, text in effect.with_.items():
        if name not in fields:
            draft.findings.unknown("unknown-field", _FIELD, name, fields, (*path, "with", name))
        else:
            check_value(draft, text, fields[name], (*path, "with", name), words)


def _target(site: Site, on: str) -> Site | None:
    if on == TASK:
        return site
    if on == PARENT:
        return site.parent
    child = site.body.children.get(on)
    return None if child is None else Site(site.child_kind(on), (*site.path, "children", on), child, site)


def check_fired(draft: Draft, target: Site, name: str, path: Path) -> None:
    """A trigger of another body of the family that the system may fire there."""
    found = next((each for each in target.body.transitions if each.trigger == name), None)
    if found is None:
        draft.findings.unknown("unknown-trigger", Text("操作", "trigger"), name, target.triggers, path)
    elif not any(by.role == "system" for by in found.by):
        message = Text(f"操作 `{name}` 不允许由系统执行", f"the system may not fire `{name}`")
        cure = Text("在该操作的 by 中加上 system", "add `system` to the `by` of that transition")
        draft.findings.add("not-by-system", path, message, cure, name)


def _check_publish(draft: Draft, effect: Effect, path: Path, words: Words) -> None:
    if effect.publish is None:
        return
    if effect.for_ is not None:
        draft.value(effect.for_, Kind.TEXT, (*path, "for"), _reading(words))
    programme = draft.process.programme
    known = {*draft.site.body.publications, *(programme.publications if programme else ())}
    if effect.publish not in known:
        noun = Text("通报", "publication")
        draft.findings.unknown("unknown-publication", noun, effect.publish, known, (*path, "publish"))
