"""The plan of a migration, as it is written: from two editions with what goes on by itself, and again with what people
have answered. Comments beside each line say in both languages what it is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from engine.carrying import POLICIES
from engine.commands import Refusal
from engine.edition import Edition
from engine.migrating import UNANSWERED
from engine.model.fields import Field
from workflows.authoring.migration_plans import (
    BodyPlan,
    Carried,
    Filled,
    PlanText,
    Policy,
    editions,
    exposed,
    exposed_in_rows,
    kind_of,
    name_of,
    planned,
)
from workflows.desk import Desk


def write_plan(desk: Desk, process: str, to: str, since: str | None = None) -> str | Refusal:
    """A plan from the edition `since` (by default the only other one under which tasks are open) to `to`."""
    old = since if since is not None else _only_source(desk, process, to)
    books = old if isinstance(old, Refusal) else editions(desk, process, old, to)
    return books if isinstance(books, Refusal) else written(proposed(*books), *books)


def _only_source(desk: Desk, process: str, to: str) -> str | Refusal:
    found = {
        task.edition.partition("@")[2]
        for task in desk.store.tasks(process=process)
        if not task.ended and task.id == task.root and task.edition != f"{process}@{to}"
    }
    if len(found) == 1:
        return found.pop()
    if desk.store.edition(process) is None:
        return Refusal("unknown_process", {"process": process, "known": []})
    return Refusal("which_edition", {"process": process, "known": sorted(found)})


# -- what goes on by itself


def proposed(old: Edition, new: Edition) -> PlanText:
    """What both editions have under one name goes on; what people have to answer is `?`."""
    bodies = {name_of(kind): _proposed(kind, old, new) for kind in old.sheets if kind in new.sheets}
    names = old.process.edition, new.process.edition
    return PlanText(process=new.process.process, from_=names[0], to=names[1], reason=UNANSWERED, bodies=bodies)


def _proposed(kind: str, old: Edition, new: Edition) -> BodyPlan:
    before, after = old.sheets[kind].body, new.sheets[kind].body
    going = [name for name, state in before.states.items() if not state.final]
    asked = [name for name, each in after.fields.items() if _asked(name, each, before.fields)]
    return BodyPlan(
        states={name: name if name in after.states else UNANSWERED for name in going},
        fields=dict.fromkeys(asked, UNANSWERED),
        deadlines={n: Carried(policy="keep" if n in after.deadlines else UNANSWERED) for n in before.deadlines},
        starts={name: "wait" for name in after.deadlines if name not in before.deadlines},
    )


def _asked(name: str, field: Any, before: Mapping[str, Any]) -> bool:
    return field.required and field.default is None and not (name in before and before[name].required)


def completed(said: PlanText, old: Edition, new: Edition) -> PlanText:
    """A plan with all that may be said in one: where it is silent, what is proposed."""
    whole = proposed(old, new)
    bodies = {name: _over(body, said.bodies.get(name, BodyPlan())) for name, body in whole.bodies.items()}
    asked = {name: _opened(body, kind_of(name), old, new) for name, body in bodies.items()}
    return said.model_copy(update={"bodies": asked})


def _opened(said: BodyPlan, kind: str, old: Edition, new: Edition) -> BodyPlan:
    """With a question for each personal value that would stand in the open, and for no other."""
    opened = {name: said.opened.get(name, UNANSWERED) for name in exposed(said, kind, old, new)}
    rows = {name: said.opened_milestones.get(name, UNANSWERED) for name in exposed_in_rows(kind, old, new)}
    return said.model_copy(update={"opened": opened, "opened_milestones": rows})


def _over(whole: BodyPlan, said: BodyPlan) -> BodyPlan:
    return BodyPlan(
        states={**whole.states, **said.states},
        fields={**whole.fields, **said.fields},
        opened=said.opened,
        opened_milestones=said.opened_milestones,
        deadlines={**whole.deadlines, **said.deadlines},
        starts={**whole.starts, **said.starts},
    )


# -- as text


def written(said: PlanText, old: Edition, new: Edition) -> str:
    """The text of a plan, which reads back as `said`."""
    return "\n".join(_lines(completed(said, old, new), old, new)) + "\n"


HELP = (
    "“?”须由人填写。state、field、deadline 同名的自动对应。",
    "What is `?` people have to answer. What both editions have under one name goes on by itself.",
    "",
    "时限 policy / what becomes of a running deadline:",
    "  keep        日期不变，仍按起算时的规定计算 / the date stays, and goes on by the rule under which it began",
    "  start_anew  自迁移之时起，按新规定重新计算 / the new rule, counted from the migration",
    "  re_anchor   自原来起算之时起，按新规定计算 / the new rule, counted from where it began",
    "  drop        不再要求 / nobody owes it any more",
    "  if_over     按此办法已过期的，改用哪一种 / which one holds where the date would be over by then",
    "  to          在新版次中改叫什么 / its name in the new edition",
    "starts: start 视同刚进入现状态起算，wait 等下次起算 / as if the state were entered now, or when it comes",
    "",
)


def _lines(said: PlanText, old: Edition, new: Edition) -> Iterator[str]:
    process = new.process
    yield f"# 迁移方案：{process.title.zh}，{old.name} → {new.name}"
    yield f"# The plan of a migration: {process.title.en}, {old.name} → {new.name}"
    yield "#"
    yield from (f"# {line}" for line in HELP)
    yield f"process: {process.process}"
    yield f"from: {_json(old.process.edition)}"
    yield f"to: {_json(process.edition)}"
    yield f"reason: {_json(said.reason)}  # 为什么迁移，如文件号 / why, such as the number of a document"
    tasks = ", ".join(f"{name}: {_json(list(each))}" for name, each in said.tasks)
    yield f"tasks: {{{tasks}}}  # 空为全部在办事项 / what is empty leaves no open task out"
    yield "bodies:"
    for kind, sheet in old.sheets.items():
        if kind in new.sheets:
            yield from _body(said.bodies[name_of(kind)], kind, old, new)
        else:
            title = getattr(sheet.body, "zh", ""), getattr(sheet.body, "en", "")
            yield f"  # {name_of(kind)}（{title[0]} / {title[1]}）：新版次没有这一类，在办的须先了结"
            yield f"  # {name_of(kind)}: the new edition does not have it; those that are open have to end first"


def _body(said: BodyPlan, kind: str, old: Edition, new: Edition) -> Iterator[str]:
    before, after = old.sheets[kind].body, new.sheets[kind].body
    yield f"  {name_of(kind)}:"
    yield "    states:"
    for name, to in said.states.items():
        yield f"      {name}: {_name(to)}  # {before.states[name].zh} / {before.states[name].en}"
    if said.fields:
        yield "    fields:  # 新版次必填，{value: …} 或 {from: 原字段} / required: {value: …} or {from: OLD_FIELD}"
    for name, filled in said.fields.items():
        yield f"      {name}: {_filled(filled)}  # {after.fields[name].zh} / {after.fields[name].en}"
    yield from _asks("opened", said.opened, after.fields)
    yield from _asks("opened_milestones", said.opened_milestones, planned(new, kind))
    if said.deadlines:
        yield "    deadlines:"
    for name, carried in said.deadlines.items():
        yield from _deadline(name, carried, before.deadlines[name], after.deadlines.get(carried.to or name))
    if said.starts:
        yield "    starts:  # 新增的时限 / deadlines that are new"
    for name, how in said.starts.items():
        rule = after.deadlines[name]
        yield f"      {name}: {how}  # {rule.zh} / {rule.en}: {_said(rule)}"


def _asks(part: str, said: Mapping[str, str], fields: Mapping[str, Field]) -> Iterator[str]:
    if said:
        yield f"    {part}:  # 个人信息：yes 公开，empty 不带过去 / personal data: yes opens it to all, empty leaves it"
    for name, answer in said.items():
        yield f"      {name}: {_name(answer)}  # {fields[name].zh} / {fields[name].en}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _name(name: str) -> str:
    return _json(name) if name == UNANSWERED else name


def _filled(said: Filled | str) -> str:
    if isinstance(said, str):
        return _json(said)
    return f"{{from: {said.from_}}}" if said.from_ is not None else f"{{value: {_json(said.value)}}}"


def _deadline(name: str, said: Carried, old: Any, new: Any) -> Iterator[str]:
    yield f"      # {old.zh} / {old.en}: {_said(old)}"
    if new is None:
        yield "      # 新版次没有：不再要求（drop），或用 to 写明新名称 / gone: drop it, or say its new name with `to`"
    elif _said(old) != _said(new):
        yield f"      # 新规定 / now: {_said(new)}"
    elif old != new:
        yield "      # 期限未变，其他条款有变 / the date is ruled as before, and other clauses have changed"
    told = {"policy": _name(said.policy), "to": said.to, "if_over": said.if_over and _name(said.if_over)}
    yield f"      {name}: {{{', '.join(f'{key}: {each}' for key, each in told.items() if each is not None)}}}"


def _said(rule: Any) -> str:
    """When a deadline is due, as its definition says it."""
    if rule.every is not None:
        told = rule.every.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return "every " + ", ".join(f"{key} {value}" for key, value in told.items())
    return _due(rule.due)


def _due(due: Any) -> str:
    rolled = f", roll {due.roll}" if due.roll != "none" else ""
    if due.term is not None:
        return f"{due.term} {'after ' + due.after if due.after is not None else 'before ' + str(due.before)}{rolled}"
    if due.date is not None:
        return f"{'' if due.including else 'before '}{due.date}{rolled}"
    word, parts = ("latest", due.latest_of) if due.latest_of else ("earliest", due.earliest_of)
    return f"{word} of {'; '.join(map(_due, parts))}"


assert set(POLICIES) < set(get_args(Policy))
