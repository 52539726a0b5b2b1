"""What a guard may see: the one place that answers the words of `engine.vocabulary` for a task at a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from msgspec import Struct

from engine.cel.compiled import Answer, Program
from engine.edition import Sheet
from engine.events import Json, instant
from engine.expressions import Evaluation, Kind
from engine.ledger import Ledger
from engine.model.fields import Field, FieldType, kind_of
from engine.task import Occurrence, Task, grants
from engine.terms import Term, add, month_end, subtract
from engine.turn import Turn
from engine.values import as_number


class Situation(Struct):
    """The facts of one evaluation: a task in a turn, with the form that was filled in and the occurrence at hand, if
    any.
    """

    turn: Turn
    task: Task
    form: Mapping[str, Json] = {}
    occurrence: Mapping[str, Json] = {}
    unset: bool = False
    """Whether an evaluation asked for something that is not there yet: an empty field, a date that is not known."""

    @property
    def sheet(self) -> Sheet:
        """The compiled body of the task."""
        return self.turn.edition.sheets[self.task.kind]

    def evaluate(self, text: str) -> Evaluation:
        """What one of the body's expressions comes to, with what it saw."""
        sheet = self.turn.edition.sheets[self.task.kind]
        return (sheet.programs.get(text) or _compiled(sheet, text)).evaluate(self)

    def outcome(self, text: str) -> Any:
        """The value of one of the body's expressions alone. Raises `Undecided`."""
        sheet = self.turn.edition.sheets[self.task.kind]
        return (sheet.programs.get(text) or _compiled(sheet, text)).value(self)

    def value(self, name: str) -> Any:
        """A variable's value, None where it is not set."""
        sheet = self.turn.edition.sheets[self.task.kind]
        value = _answer(sheet, name)(self)
        if value is None:
            self.unset = True
        return value

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """A function's result. Raises `LookupError` where there is nothing to answer with."""
        function = _FUNCTIONS.get(name)
        try:
            return function(self, *arguments) if function else self.milestone_value(name, str(arguments[0]))
        except LookupError:
            self.unset = True
            raise

    def milestone_value(self, name: str, key: str) -> Any:
        """The value of a milestone's field at a key, or at the latest key before it."""
        milestones = self.sheet.body.milestones
        if milestones is None:
            raise LookupError(name)
        return planned(self.task.milestones, name, milestones.fields[name], key)

    def local_day(self, moment: datetime) -> date:
        """The local day of an instant."""
        return moment.astimezone(self.turn.edition.zone).date()


def planned(rows: Mapping[str, Mapping[str, Json]], name: str, kept: Field, key: str) -> Any:
    """The value of a milestone's field at a key, or at the latest key before it, as guards see it."""
    found = rows[key].get(name) if key in rows else None
    if found is None:
        keys = [row for row in rows if row <= key and rows[row].get(name) is not None]
        found = rows[max(keys)][name] if keys else None
    if found is None:
        return 0.0 if kind_of(kept.type) is _NUMBER else ""
    return seen(kept, found)


def seen(kept: Field, value: Json) -> Any:
    """A kept value as guards see it."""
    if value is None:
        return None
    if kind_of(kept.type) is _NUMBER:
        return as_number(value)
    if kept.type is _FILES:
        return [str(item["name"]) for item in value]
    if kept.type is _ROWS:
        return [_row(kept.columns or {}, row) for row in value]
    return value


def _row(columns: Mapping[str, Field], row: Mapping[str, Json]) -> Mapping[str, Any]:
    """A row as guards see it: what was left empty is left out, as `has(row.note)` tells; a quantity keeps its unit."""
    return {
        name: value if isinstance(value, dict) or name not in columns else seen(columns[name], value)
        for name, value in row.items()
        if value is not None
    }


_NUMBER, _FILES, _ROWS = Kind.NUMBER, FieldType.FILES, FieldType.ROWS
"""Python looks a member of an enumeration up in ten times the time of a name."""


def _record_value(fields: Mapping[str, Field], values: Mapping[str, Json], name: str) -> Any:
    if name in fields:
        return seen(fields[name], values.get(name))
    quantity = values.get(name.removesuffix("_unit"))
    return quantity["unit"] if quantity else None


def _task(at: Situation, name: str) -> Any:
    return at.task.id if name == "id" else _record_value(at.sheet.body.fields, at.task.fields, name)


def _parent(at: Situation, name: str) -> Any:
    parent = at.turn.parent(at.task)
    if parent is None:
        return None
    return parent.state if name == "state" else _record_value(at.turn.sheet(parent).body.fields, parent.fields, name)


def _measure(at: Situation, name: str) -> Any:
    """A measure over children; one that is an expression is answered by its own program."""
    measure = at.sheet.body.measures[name]
    return _over_children(at, str(measure.over), measure.count or measure.where, measure.sum)


def _over_children(at: Situation, kind: str, where: str | None, total: str | None) -> float:
    """Counts (or sums over) the open children of a kind."""
    path = child_kind(at.task.kind, kind)
    found = 0.0
    for child in at.turn.family.values():
        if child.parent == at.task.id and child.kind == path and not child.ended:
            inner = Situation(at.turn, child)
            if where is None or inner.evaluate(where).holds:
                found += float(inner.outcome(total)) if total else 1.0
    return found


def child_kind(parent: str, name: str) -> str:
    """The path of a child's body below its parent's."""
    return f"{parent}/{name}" if parent else name


def _actor(at: Situation, name: str) -> Any:
    actor = at.turn.actor
    return {"id": actor.id, "roles": list(actor.roles), "units": list(actor.units)}[name]


def _last(at: Situation, name: str) -> Any:
    return at.task.before[name] if at.task.before else None


def _form(at: Situation, name: str) -> Any:
    return _record_value(at.sheet.forms, at.form, name)


def _learned(sheet: Sheet, name: str) -> Answer:
    """How a variable is answered: `task.percent` is `percent` of the record `task`. Found out once for a body."""
    record, _, rest = name.partition(".")
    if not rest:
        answer = _PLAIN[name]
    elif record == "task" and rest in sheet.body.fields:
        answer = _kept(sheet.body.fields[rest], lambda at: at.task.fields.get(rest))
    elif record == "form" and rest in sheet.forms:
        answer = _kept(sheet.forms[rest], lambda at: at.form.get(rest))
    elif record == "param":
        answer = lambda at: at.turn.edition.parameters[rest]  # noqa: E731 - as the others
    elif record == "measure" and (value := sheet.body.measures[rest].value) is not None:
        answer = (sheet.programs.get(value) or _compiled(sheet, value)).value
    else:
        answer = partial(_asked_of, _RECORDS[record], rest)
    sheet.answers[name] = answer
    return answer


def _compiled(sheet: Sheet, text: str) -> Program:
    """An expression as a function of a situation. Written once for a body."""
    answers = partial(_answer, sheet)
    milestones = sheet.body.milestones.fields if sheet.body.milestones else {}
    called = {name: _planned(name, kept) for name, kept in milestones.items()} | _COMPILED
    program = sheet.programs[text] = sheet.expressions[text].program(answers, called)
    return program


def _answer(sheet: Sheet, name: str) -> Answer:
    return sheet.answers.get(name) or _learned(sheet, name)


def _planned(name: str, kept: Field) -> Callable[[Situation, Any], Any]:
    def value(at: Situation, key: Any) -> Any:
        return planned(at.task.milestones, name, kept, str(key))

    return value


def _kept(kept: Field, get: Answer) -> Answer:
    if kind_of(kept.type) is Kind.NUMBER:
        return lambda at: as_number(get(at))
    return get if kept.type not in _LISTED else lambda at: seen(kept, get(at))


_LISTED = (FieldType.FILES, FieldType.ROWS)
"""Types that are kept otherwise than guards see them."""


def _asked_of(record: Callable[[Situation, str], Any], name: str, at: Situation) -> Any:
    return record(at, name)


_RECORDS: Mapping[str, Callable[[Situation, str], Any]] = {
    "task": _task,
    "form": _form,
    "parent": _parent,
    "measure": _measure,
    "actor": _actor,
    "last": _last,
}


@lru_cache(maxsize=4096)
def _month_before(day: date) -> str:
    return (day.replace(day=1) - timedelta(days=1)).isoformat()[:7]


_PLAIN: Mapping[str, Callable[[Situation], Any]] = {
    "state": lambda at: at.task.state,
    "entered_on": lambda at: at.local_day(instant(at.task.entered_at)).isoformat(),
    "now": lambda at: at.turn.now_text,
    "today": lambda at: at.turn.today.isoformat(),
    "this_month": lambda at: at.turn.today.isoformat()[:7],
    "last_month": lambda at: _month_before(at.turn.today),
    "occurred_on": lambda at: at.local_day(at.turn.occurred_at).isoformat(),
    "start": lambda at: at.occurrence.get("started_at"),
    "key": lambda at: at.occurrence.get("key"),
    "milestone": lambda at: milestone_day(str(at.occurrence["key"])).isoformat() if at.occurrence else None,
}


def milestone_day(key: str) -> date:
    """The day of a milestone: the date, or the end of the month, that its key names."""
    return date.fromisoformat(key) if len(key) > 7 else month_end(date.fromisoformat(f"{key}-01"))


def occurrences(task: Task, name: str) -> Sequence[Occurrence]:
    """All occurrences of a deadline, in the order in which they started."""
    return Ledger(task.deadlines).of(name)


def _of(at: Situation, name: str) -> Sequence[Occurrence]:
    return at.turn.ledgers.of(at.task).of(name)


def _with_status(at: Situation, name: str, *statuses: str) -> list[Occurrence]:
    return [found for found in _of(at, name) if found["status"] in statuses]


def _due(at: Situation, name: str) -> str:
    dated = [found for found in _of(at, name) if found.get("last_day")]
    if not dated:
        raise LookupError(f"`{name}` has no due date now")
    return str(dated[-1]["last_day"])


def _streak(at: Situation, name: str) -> float:
    """How many of the last occurrences, running ones aside, were missed without a break; met late counts as missed."""
    ended = [found for found in _of(at, name) if found["status"] == "met" or found.get("passed")]
    return float(next((i for i, found in enumerate(reversed(ended)) if not found.get("passed")), len(ended)))


def _firings(at: Situation, trigger: str) -> Sequence[Sequence[str]]:
    return at.task.fired.get(trigger, ())


def _fired_within(at: Situation, trigger: str, term: str) -> float:
    since = subtract(at.turn.calendar, at.turn.today, Term.parse(term))
    return float(sum(at.local_day(instant(moment)) > since for moment, _ in _firings(at, trigger)))


def _fired_since(at: Situation, trigger: str, other: str) -> float:
    others = _firings(at, other)
    since = others[-1][0] if others else ""
    return float(sum(moment > since for moment, _ in _firings(at, trigger)))


def _last_day(at: Situation, trigger: str) -> str:
    firings = _firings(at, trigger)
    if not firings:
        raise LookupError(f"`{trigger}` has not happened")
    return at.local_day(instant(firings[-1][0])).isoformat()


def _actor_of(at: Situation, trigger: str) -> str:
    firings = _firings(at, trigger)
    return firings[-1][1] if firings else ""


def _children(at: Situation, kind: str, *, ended: bool | None = None, state: str | None = None) -> float:
    path = child_kind(at.task.kind, kind)
    found = [child for child in at.task.children.values() if child["kind"] == path]
    if ended is not None:
        found = [child for child in found if child["ended"] is ended]
    return float(sum(state is None or child["state"] == state for child in found))


def _date_or(at: Situation, name: str, other: str) -> str:
    value = at.value(name)
    return other if value is None else str(value)


def _term(*said: Any) -> Term:
    """A term as a text, or as a number and a unit."""
    return Term.parse(said[0] if len(said) == 1 else f"{int(said[0])} {said[1]}")


def _day(text: str) -> date:
    return date.fromisoformat(text)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": lambda at, day, *term: add(at.turn.calendar, _day(day), _term(*term)).isoformat(),
    "working_days": lambda at, a, b: float(at.turn.calendar.working_days_between(_day(a), _day(b))),
    "days": lambda at, a, b: float((_day(b) - _day(a)).days),
    "is_working_day": lambda at, day: at.turn.calendar.is_working(_day(day)),
    "date_of": lambda at, moment: at.local_day(instant(moment)).isoformat(),
    "month_of": lambda at, day: day[:7],
    "month_end": lambda at, month: month_end(_day(f"{month}-01")).isoformat(),
    "latest": lambda at, days: max(days),
    "earliest": lambda at, days: min(days),
    "due": _due,
    "running": lambda at, name: bool(at.turn.ledger(at.task).open_of(name)),
    "met": lambda at, name: float(len(_with_status(at, name, "met", "met_late"))),
    "missed": lambda at, name: float(len(_with_status(at, name, "missed"))),
    "misses": lambda at, name: float(sum(found.get("passed", False) for found in _of(at, name))),
    "streak": _streak,
    "lapsed": lambda at, name: float(len(_with_status(at, name, "lapsed"))),
    "extensions": lambda at, name: float(sum(len(grants(found)) for found in _of(at, name))),
    "fired": lambda at, trigger: float(len(_firings(at, trigger))),
    "fired_within": _fired_within,
    "fired_since": _fired_since,
    "last": _last_day,
    "actor_of": _actor_of,
    "children": _children,
    "open_children": lambda at, kind: _children(at, kind, ended=False),
    "ended_children": lambda at, kind, state: _children(at, kind, ended=True, state=state),
    "date_or": _date_or,
    "has_milestone": lambda at, key: key in at.task.milestones,
}

_COMPILED = {name: function for name, function in _FUNCTIONS.items() if name != "date_or"}
"""Those that a compiled expression calls. What answers by another expression is left to the library, which counts how
deep they stand within each other.
"""
