"""One task or programme is registered by a form made from the definition: its record, its plan, what it is part of.

A list of many comes in by `importing`; a task that is under way already does so too, for its form would be another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import uuid4

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.chain import canonical
from engine.commands import Refusal
from engine.edition import Edition
from engine.events import Json
from engine.model import Body, Field
from engine.model.fields import FieldType, to_fill_in
from web.access import WRITER, Routes
from web.forms import Control, Sent, Shown, controls, keeper_of, read
from web.pages.acts import Posted, not_taken, units_of
from web.uploads import ACCEPT
from web.visit import Here, NotHere, Visit, kinds_to_register
from web.words import WORDS
from workflows.lists.ports import Order, Wanted
from workflows.office.registering import Once, register
from workflows.people.rights import in_first
from workflows.ports import PROGRAMME
from workflows.rows import Listed, Row
from workflows.sayings import plainly

routes = Routes()

PLAN, KEY = "_plan", "_key"
"""The plan as a field of the form, and the column of its keys; no field of a definition has such a name."""


@dataclass
class Entry:
    """A form as it is being filled in, for what."""

    process: str
    kind: str
    edition: Edition
    programme: str = ""
    key: str = field(default_factory=lambda: uuid4().hex)
    sent: Sent = field(default_factory=Sent)
    wrong: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""

    @property
    def body(self) -> Body:
        return self.edition.sheets[self.kind].body

    @property
    def fields(self) -> dict[str, Field]:
        """What is asked for: the fields of the record, and the plan as a table."""
        plan, record = self.body.milestones, to_fill_in(self.body.fields)
        return {**record, **({PLAN: _table(plan.key, plan.zh, plan.en, plan.fields)} if plan else {})}


def _table(key: FieldType, zh: str, en: str, fields: Mapping[str, Field]) -> Field:
    words = WORDS["plan_key"]
    column = Field(type=key, required=True, zh=words.zh, en=words.en)
    table = Field(type=FieldType.ROWS, zh=zh, en=en, columns={"key": column})
    return table.model_copy(update={"columns": {KEY: column, **fields}})


@routes.get("/register", need=WRITER, reads=False)
def form_page(visit: Here, process: str = "", kind: str = "", programme: str = "") -> Response:
    """The form; of the first process in which the visitor may register, where none is named."""
    return _page(visit, _entry(visit, process, kind, programme))


def _entry(visit: Visit, process: str, kind: str, programme: str) -> Entry:
    """What is to be registered. Raises `NotHere` where the visitor may not."""
    name = process or next(iter(visit.registers), "")
    edition = visit.registers.get(name)
    kinds = kinds_to_register(visit, edition, name) if edition is not None else []
    wanted = kind if kind or "" in kinds else PROGRAMME
    if edition is None or wanted not in kinds:
        raise NotHere
    if programme:
        visit.find(programme)
    return Entry(name, wanted, edition, programme)


def _page(visit: Visit, entry: Entry, status: int = 200) -> Response:
    shown = controls(entry.fields, Shown(visit.lang, units_of(visit), entry.sent.values, entry.wrong, keeper_of(visit)))
    needed, more = _sorted(shown)
    plans = visit.house.lists.rows(Wanted(visit.scope, PROGRAMME, process=entry.process), Order("title"))
    return visit.page(
        "register.html",
        status,
        entry=entry,
        processes={name: edition.process.title.title(visit.lang) for name, edition in visit.registers.items()},
        kinds=kinds_to_register(visit, entry.edition, entry.process),
        plans=[] if entry.kind else [(row.task, row.title or row.task) for row in plans],
        needed=needed,
        more=more,
        open_more=any(each.wrong for each in more),
        wrong=[each for each in shown if each.wrong],
        accept=ACCEPT,
        megabytes=visit.house.settings.file_limit // 1024 // 1024,
    )


def _sorted(shown: Sequence[Control]) -> tuple[list[Control], list[Control]]:
    """What has to be filled in and the plan; and all that may wait."""
    first = [each.required or each.name == f"f.{PLAN}" for each in shown]
    return (
        [each for each, needed in zip(shown, first, strict=True) if needed],
        [each for each, needed in zip(shown, first, strict=True) if not needed],
    )


# -- doing it


@routes.post("/register", need=WRITER)
def do(visit: Here, posted: Posted) -> Response:
    """Register it, once for each key; or show the form again with all that was typed, and what is wrong beside it."""
    entry = _entry(visit, *(_text(posted, name) for name in ("process", "kind", "programme")))
    key = _text(posted, "key")
    entry.key = key if 16 <= len(key) <= 64 else entry.key
    entry.sent = read(entry.fields, posted, keeper_of(visit))
    entry.wrong = {name: not_taken(visit, told) for name, told in entry.sent.wrong.items()} | _twice(visit, entry)
    if entry.wrong:
        return _page(visit, entry, 422)
    answer = in_first(
        visit.actors(entry.process),
        lambda actor: register(visit.desk, entry.process, [_row(entry)], actor, kind=entry.kind, once=_once(entry)),
    )
    if isinstance(answer, list):
        return visit.go(f"/tasks/{answer[0].id}?done=1")
    _say(visit, entry, answer.faults[0].refusal if isinstance(answer, Listed) else answer)
    return _page(visit, entry, 422)


def _text(posted: FormData, name: str) -> str:
    value = posted.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""


def _rows(entry: Entry) -> list[dict[str, Json]]:
    rows = entry.sent.values.get(PLAN)
    return [dict(row) for row in rows] if isinstance(rows, list) else []


def _twice(visit: Visit, entry: Entry) -> dict[str, str]:
    """A plan says each of its nodes once, and which one each row is about."""
    keys = [str(row.get(KEY) or "") for row in _rows(entry)]
    if "" in keys:
        return {PLAN: visit.words("register_no_key")}
    twice = sorted({each for each in keys if keys.count(each) > 1})
    return {PLAN: visit.words("register_twice", keys=visit.words("comma").join(twice))} if twice else {}


def _row(entry: Entry) -> Row:
    fields = {name: value for name, value in entry.sent.values.items() if name != PLAN}
    plan = {str(row.pop(KEY)): row for row in _rows(entry)}
    return Row(1, fields, plan, None, entry.programme or None)


def _once(entry: Entry) -> Once:
    asked = {"process": entry.process, "kind": entry.kind, "programme": entry.programme, "values": entry.sent.values}
    return Once(entry.key, sha256(canonical(asked).encode()).hexdigest())


def _say(visit: Visit, entry: Entry, refusal: Refusal) -> None:
    """What is wrong, beside its fields where it is about any; what is wrong with the plan beside the plan."""
    wrong: dict[str, str] = {}
    plan = entry.body.milestones.fields if entry.body.milestones else {}
    for each in refusal.facts.get("problems", ()):
        name, said = str(each["field"]), str(each[visit.lang])
        if refusal.code == "milestones":
            title = plan[name].title(visit.lang) if name in plan else name
            line = f"{title}{visit.words('colon')}{said}"
            wrong[PLAN] = f"{wrong[PLAN]}{visit.words('stop')}{line}" if PLAN in wrong else line
        elif name in entry.fields:
            wrong[name] = said
    said = plainly(refusal, entry.edition, visit.lang, entry.kind)
    wrong |= {name: said for name in refusal.facts.get("fields", ()) if name in entry.fields}
    entry.wrong, entry.refused = wrong, "" if wrong else said
    if refusal.code == "key_reused":
        entry.key = uuid4().hex
