"""The plan of a migration: a YAML file that is written from two editions, edited and reviewed by people, and read back.

What both editions have under one name goes on by itself. What people have to answer is `?`; a task that needs the
answer cannot move before it is given, and the dry run says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from engine.carrying import POLICIES
from engine.commands import Refusal
from engine.document import Document, Path
from engine.edition import Edition
from engine.events import Json
from engine.migrating import UNANSWERED
from engine.model.base import Model, Name, Names, Slug, as_list
from engine.problems import Problem, Text, in_order, meant
from engine.reading import read
from engine.shapes import problems_of
from workflows.desk import Desk

ROOT = "task"
"""What a plan calls the body of the process itself, whose kind is empty."""

Texts = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Unanswered = Literal["?"]
Policy = Literal["keep", "start_anew", "re_anchor", "drop", "?"]


class Filled(Model):
    """What stands in a field from now on: a value for those that have none, or what stood in another field."""

    value: Any = None
    from_: Name | None = None


class Carried(Model):
    """What becomes of the occurrences of a deadline that are owed."""

    policy: Policy = "keep"
    to: Name | None = None
    if_over: Policy | None = None


class BodyPlan(Model):
    """What becomes of the tasks of one kind."""

    states: Mapping[Name, Name | Unanswered] = {}
    fields: Mapping[Name, Filled | Unanswered] = {}
    deadlines: Mapping[Name, Carried] = {}
    starts: Mapping[Name, Literal["start", "wait"]] = {}


class Chosen(Model):
    """Which tasks move; what is empty leaves none out."""

    states: Names = ()
    units: Texts = ()
    only: Texts = ()


class PlanText(Model):
    """The whole file."""

    process: Slug
    from_: str
    to: str
    reason: str
    tasks: Chosen = Chosen()
    bodies: Mapping[str, BodyPlan] = {}


_PLAN: TypeAdapter[PlanText] = TypeAdapter(PlanText)


@dataclass(frozen=True)
class Plan:
    """A plan, read: the two editions, which tasks, the rules as the engine takes them, and the digest of its text."""

    said: PlanText
    old: Edition
    new: Edition
    text: str

    @property
    def digest(self) -> str:
        """Which two people answer for."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def rules(self) -> dict[str, Json]:
        """By the kind of each body."""
        return {_kind(name): _rules(body) for name, body in self.said.bodies.items()}

    @property
    def unanswered(self) -> list[str]:
        """What people have not answered yet, as `task.states.lagging`."""
        return sorted(_unanswered("", self.said.model_dump(by_alias=True, exclude_none=True)))


def _rules(body: BodyPlan) -> Json:
    told: dict[str, Json] = body.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
    return told


def _unanswered(at: str, said: Any) -> Iterator[str]:
    if said == UNANSWERED:
        yield at
    for name, each in said.items() if isinstance(said, Mapping) else ():
        yield from _unanswered(f"{at}.{name}" if at else str(name), each)


def _kind(name: str) -> str:
    return "" if name == ROOT else name


def _name(kind: str) -> str:
    return kind or ROOT


# -- reading it back


def read_plan(desk: Desk, text: str | bytes, file: str = "plan.yaml") -> Plan | list[Problem] | Refusal:
    """A plan from its text, with all problems at once."""
    document = read(text, file)
    if isinstance(document, list):
        return document
    try:
        said = _PLAN.validate_python(document.data, by_alias=True, by_name=False)
    except ValidationError as error:
        return problems_of(error, document, PlanText)
    books = _editions(desk, said.process, said.from_, said.to)
    if isinstance(books, Refusal):
        return books
    plan = Plan(said, *books, text.decode() if isinstance(text, bytes) else text)
    return in_order(_unknown(plan, document)) or plan


def _editions(desk: Desk, process: str, old: str, new: str) -> tuple[Edition, Edition] | Refusal:
    """Both editions; a refusal where one is not published or they are the same."""
    if old == new:
        return Refusal("same_edition", {"edition": f"{process}@{old}"})
    for each in (old, new):
        if desk.store.edition(process, each) is None:
            known = [one.name for one in desk.store.editions() if one.process == process]
            return Refusal("unknown_edition", {"edition": f"{process}@{each}", "known": known})
    return desk.book(f"{process}@{old}")[0], desk.book(f"{process}@{new}")[0]


def _unknown(plan: Plan, document: Document) -> Iterator[Problem]:
    """Names that neither edition has where they stand."""
    yield from _strange(document, ("tasks", "states"), plan.said.tasks.states, plan.old.sheets[""].body.states)
    for name, body in plan.said.bodies.items():
        kind, at = _kind(name), ("bodies", name)
        if kind not in plan.old.sheets or kind not in plan.new.sheets:
            both = [_name(each) for each in plan.old.sheets if each in plan.new.sheets]
            yield _problem(document, at, name, both)
            continue
        old, new = plan.old.sheets[kind].body, plan.new.sheets[kind].body
        yield from _strange(document, (*at, "states"), body.states, old.states)
        yield from _strange(document, (*at, "states"), _answers(body.states), new.states)
        yield from _strange(document, (*at, "fields"), body.fields, new.fields)
        sources = {n: f.from_ for n, f in body.fields.items() if isinstance(f, Filled) and f.from_}
        yield from _strange(document, (*at, "fields"), sources.values(), old.fields)
        yield from _strange(document, (*at, "deadlines"), body.deadlines, old.deadlines)
        yield from _strange(
            document, (*at, "deadlines"), [d.to for d in body.deadlines.values() if d.to], new.deadlines
        )
        yield from _strange(document, (*at, "starts"), body.starts, new.deadlines)


def _answers(states: Mapping[str, str]) -> list[str]:
    return [each for each in states.values() if each != UNANSWERED]


def _strange(document: Document, at: Path, names: Any, known: Mapping[str, Any]) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield _problem(document, (*at, name), name, known)


def _problem(document: Document, at: Path, name: str, known: Any) -> Problem:
    message = Text(f"没有 `{name}`", f"there is no `{name}`")
    return Problem("unknown-name", document.key_at(at), message, meant(name, known))


# -- writing it


def write_plan(desk: Desk, process: str, to: str, since: str | None = None) -> str | Refusal:
    """A plan from the edition `since` (by default the only other one under which tasks are open) to `to`."""
    old = since if since is not None else _only_source(desk, process, to)
    books = old if isinstance(old, Refusal) else _editions(desk, process, old, to)
    if isinstance(books, Refusal):
        return books
    return "\n".join(_lines(*books)) + "\n"


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


def _lines(old: Edition, new: Edition) -> Iterator[str]:
    process = new.process
    yield f"# 迁移方案：{process.title.zh}，{old.name} → {new.name}"
    yield f"# The plan of a migration: {process.title.en}, {old.name} → {new.name}"
    yield "#"
    yield from (f"# {line}" for line in HELP)
    yield f"process: {process.process}"
    yield f'from: "{old.process.edition}"'
    yield f'to: "{process.edition}"'
    yield 'reason: "?"  # 为什么迁移，如文件号 / why, such as the number of a document'
    yield "tasks: {states: [], units: [], only: []}  # 空为全部在办事项 / what is empty leaves no open task out"
    yield "bodies:"
    for kind, sheet in old.sheets.items():
        if kind in new.sheets:
            yield from _body(kind, old, new)
        else:
            title = getattr(sheet.body, "zh", ""), getattr(sheet.body, "en", "")
            yield f"  # {_name(kind)}（{title[0]} / {title[1]}）：新版次没有这一类，在办的须先了结"
            yield f"  # {_name(kind)}: the new edition does not have it; those that are open have to end first"


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


def _body(kind: str, old: Edition, new: Edition) -> Iterator[str]:
    before, after = old.sheets[kind].body, new.sheets[kind].body
    yield f"  {_name(kind)}:"
    yield "    states:"
    for name, state in before.states.items():
        if not state.final:
            to = name if name in after.states else f'"{UNANSWERED}"'
            yield f"      {name}: {to}  # {state.zh} / {state.en}"
    asked = [name for name, each in after.fields.items() if _asked(name, each, before.fields)]
    if asked:
        yield "    fields:  # 新版次必填，{value: …} 或 {from: 原字段} / required: {value: …} or {from: OLD_FIELD}"
        yield from (
            f'      {name}: "{UNANSWERED}"  # {after.fields[name].zh} / {after.fields[name].en}' for name in asked
        )
    if before.deadlines:
        yield "    deadlines:"
    for name, rule in before.deadlines.items():
        yield from _deadline(name, rule, after.deadlines.get(name))
    fresh = {name: rule for name, rule in after.deadlines.items() if name not in before.deadlines}
    if fresh:
        yield "    starts:  # 新增的时限 / deadlines that are new"
        yield from (f"      {name}: wait  # {rule.zh} / {rule.en}: {_said(rule)}" for name, rule in fresh.items())


def _asked(name: str, field: Any, before: Mapping[str, Any]) -> bool:
    return field.required and field.default is None and not (name in before and before[name].required)


def _deadline(name: str, old: Any, new: Any) -> Iterator[str]:
    yield f"      # {old.zh} / {old.en}: {_said(old)}"
    if new is None:
        yield "      # 新版次没有：不再要求（drop），或用 to 写明新名称 / gone: drop it, or say its new name with `to`"
    elif _said(old) != _said(new):
        yield f"      # 新规定 / now: {_said(new)}"
    elif old != new:
        yield "      # 期限未变，其他条款有变 / the date is ruled as before, and other clauses have changed"
    yield f"      {name}: {{policy: {'keep' if new is not None else chr(34) + UNANSWERED + chr(34)}}}"


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


assert set(POLICIES) < set(Policy.__args__)  # type: ignore[attr-defined]  # a Literal has them
