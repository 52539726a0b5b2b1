"""What a definition declares and nothing uses: roles, parameters, measures, notices, children, fields.

A publication is never among them: any may be issued by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.cel.tree import walk
from engine.checks.ways import Ground, Ways, effects_of
from engine.model import Body, Child, Effect
from engine.problems import Problem, Text

_OUT = Text("用上它，或删去", "use it, or take it out")


def of_unused(ground: Ground) -> Iterator[Problem]:
    """Everything of an edition that nothing uses."""
    process, said = ground.edition.process, _said(ground)
    used = {role for _, body in process.bodies() for role in _roles(body)}
    for name in process.roles:
        if name not in used | said:
            message = Text(f"没有一处用到角色 `{name}`", f"nothing is done by, owed by or sent to the role `{name}`")
            yield ground.named("role-unused", ("roles", name), message, _OUT)
    for name in process.parameters:
        if f"param.{name}" not in said:
            message = Text(f"没有一处用到参数 `{name}`", f"nothing reads the parameter `{name}`")
            yield ground.named("parameter-unused", ("parameters", name), message, _OUT, "note")
    for ways in ground.ways.values():
        yield from _of_body(ground, ways, said)


def _of_body(ground: Ground, ways: Ways, said: frozenset[str]) -> Iterator[Problem]:
    body, path = ways.site.body, ways.site.path
    effects = list(_effects(body))
    opened = {effect.open for effect in effects}
    for name in body.children:
        if name not in opened:
            message = Text(f"没有一处开设子事项 `{name}`", f"nothing opens a child `{name}`")
            cure = Text("在某个 then 中写 open", "let a `then` say `open`")
            yield ground.named("child-unopened", (*path, "children", name), message, cure)
    sent = {effect.notice for effect in effects} | {rule.notice for rule in body.deadlines.values()}
    reminds = any(rule.remind and rule.notice is None for rule in body.deadlines.values())
    for name in body.notices:
        if name not in sent and not (name == "reminder" and reminds):
            message = Text(f"没有一处发出通知 `{name}`", f"nothing sends the notice `{name}`")
            yield ground.named("notice-unused", (*path, "notices", name), message, _OUT, "note")
    yield from _measures(ground, ways, said)
    yield from _fields(ground, ways)


def _measures(ground: Ground, ways: Ways, said: frozenset[str]) -> Iterator[Problem]:
    """A measure of a programme stands in its publications, and one with `scored_by` on the page of scores."""
    if ways.site.is_programme:
        return
    texts = "\n".join(_texts(ways.site.body))
    for name, measure in ways.site.body.measures.items():
        known = f"measure.{name}" in said or f"measures.{name}" in texts
        if not known and measure.scored_by is None and not measure.public:
            message = Text(f"没有一处用到指标 `{name}`", f"nothing reads the measure `{name}`")
            path = (*ways.site.path, "measures", name)
            yield ground.named("measure-unused", path, message, _OUT, "note")


def _fields(ground: Ground, ways: Ways) -> Iterator[Problem]:
    """A field that nothing fills: one that transitions alone write and none does; or one of a child to which its
    parent's act gives no value, and that no act of its own sets.
    """
    body, parent = ways.site.body, ways.site.parent
    if not isinstance(body, Child) or parent is None:
        yield from _unwritten(ground, ways)
        return
    name_of_kind = ways.site.path[-1]
    opens = [each for each in _effects(parent.body) if each.open == name_of_kind]
    if not opens or any(each.for_each and each.as_ is None for each in opens):
        return
    filled = {name for each in opens for name in (*each.with_, each.as_)}
    filled |= _written(body)
    for name, field in body.fields.items():
        if name not in filled and field.default is None:
            message = Text(f"字段 `{name}` 没有一处填写", f"nothing ever fills in the field `{name}`")
            cure = Text("在开设时用 with 给出，或由某个操作 set", "give it `with` the opening, or `set` it by an act")
            yield ground.named("field-unfilled", (*ways.site.path, "fields", name), message, cure)


def _written(body: Body) -> set[str]:
    """The fields that transitions set."""
    changes = [each.set for each in body.transitions]
    changes += [branch.set for each in body.transitions for branch in each.to]
    return {name for change in changes for name in change}


def _unwritten(ground: Ground, ways: Ways) -> Iterator[Problem]:
    written = _written(ways.site.body)
    for name, field in ways.site.body.fields.items():
        if field.written_by is not None and name not in written:
            message = Text(f"字段 `{name}` 只由操作写入，却没有操作写它", f"no transition writes the field `{name}`")
            cure = Text("由某个操作 set，或删去 written_by", "`set` it by a transition, or remove `written_by`")
            yield ground.named("field-unfilled", (*ways.site.path, "fields", name), message, cure)


def _said(ground: Ground) -> frozenset[str]:
    """Every variable and every quoted text that an expression says; a role's name may stand in one."""
    found: set[str] = set()
    for ways in ground.ways.values():
        for expression in ways.sheet.expressions.values():
            found.update(expression.names)
            constants = (node for node in walk(expression.root) if node["node"] == "const")
            found.update(str(node["value"]) for node in constants)
    return frozenset(found)


def _effects(body: Body) -> Iterator[Effect]:
    yield from body.registration.then
    for transition in body.transitions:
        yield from effects_of(transition)


def _roles(body: Body) -> Iterator[str]:
    yield from (by.role for by in body.registration.by)
    yield from (by.role for transition in body.transitions for by in transition.by)
    yield from (rule.role for rule in body.deadlines.values())
    yield from (role for effect in _effects(body) for role in effect.to)
    yield from (role for rule in body.publications.values() for role in (*rule.to, *rule.copies))


def _texts(body: Body) -> Iterator[str]:
    said = [each.text for each in body.notices.values()] + [each.text for each in body.publications.values()]
    for text in filter(None, said):
        yield from (text.zh, text.en)
