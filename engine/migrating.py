"""Running tasks come under another edition: states, fields and deadlines by rules that people wrote and reviewed.

A family moves as one. Each of its open tasks is told to have moved, then what becomes of each deadline
(`engine.carrying`), then what the new edition begins, and last the lights. What cannot be decided by the rules is
refused with its cure; nothing is guessed. The rules are plain data, by the kind of each body ("" is the process):

    states      {old state: new state}; one that is not named keeps its name
    fields      {new field: {value: …} or {from: old field}}
    opened      {new field: yes or empty}, where the law protects what stood there and the new field does not say so
    opened_milestones   the same of the fields that rows of the plan have
    deadlines   {old deadline: {policy: keep, start_anew, re_anchor or drop, to: new name, if_over: another policy}}
    starts      {new deadline: start or wait}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.carrying import Carrier
from engine.commands import Migrate, Refused
from engine.edition import Sheet
from engine.events import Event, EventType, Json
from engine.model import Field
from engine.model.fields import lawful, opens
from engine.once import once
from engine.problems import ValueProblem
from engine.task import OPEN, Task
from engine.turn import Turn
from engine.values import EMPTY, parse_value

UNANSWERED: Final = "?"
"""Stands in rules for what people have not answered yet."""

OPENED: Final = "yes"
EMPTIED: Final = "empty"
"""What people may say of a personal value that would not be personal any more: it is opened, or left behind."""


def migrate(turn: Turn, command: Migrate) -> None:
    """Bring a family under the edition of this turn. Raises `Refused`."""
    root = turn.family.get(command.task)
    if root is None:
        raise Refused("unknown_task", task=command.task)
    if root.edition == turn.edition.name:
        raise Refused("migrated_already", task=root.id, edition=root.edition)
    if root.ended:
        raise Refused("migrate_ended", task=root.id)
    before = Turn(command.old, turn.calendar, turn.actor, turn.now, turn.occurred_at, family=dict(turn.family))
    movers = [_Mover(turn, before, command, task) for task in _root_first(turn, root)]
    moved: list[Event] = []
    for mover in movers:
        moved.append(mover.enter(moved[0] if moved else None))
    for mover, event in zip(movers, moved, strict=True):
        mover.carrier(event).carry()


def revert(turn: Turn, root: str, migration: str) -> None:
    """Take a family back to the edition of this turn, under which it stood, exactly. Raises `Refused`."""
    if root not in turn.family:
        raise Refused("unknown_task", task=root)
    first: Event | None = None
    for task in _root_first(turn, turn.family[root]):
        way = _way_back(turn, task, migration)
        told = {"migration": migration, "was": task.edition, "from": task.state, "to": way["state"]}
        event = turn.emit(EventType.TASK_RESTORED, task.id, told, first)
        first = first or event


def _root_first(turn: Turn, root: Task) -> list[Task]:
    return [root, *(task for task in turn.by_id() if task.id != root.id and not task.ended)]


def _way_back(turn: Turn, task: Task, migration: str) -> Mapping[str, Any]:
    """The task as it was. Raises `Refused` where it was not moved by this migration, or has lived on since."""
    if task.under is None or task.under["migration"] != migration:
        raise Refused("not_migrated", task=task.id, migration=migration)
    if task.way_back is None:
        raise Refused("lived_on", task=task.id, since=task.under["since"])
    for one in task.way_back["deadlines"].values():
        if one["status"] in OPEN and one.get("due_at") and one["due_at"] <= turn.now_text:
            raise Refused("revert_over", task=task.id, deadline=one["name"], last_day=one["last_day"])
    return task.way_back


@dataclass(frozen=True)
class _Mover:
    """One task on its way: `turn` is in the new edition, `before` in the old one."""

    turn: Turn
    before: Turn
    command: Migrate
    was: Task

    @once
    def new(self) -> Sheet:
        """The body in the new edition. Raises `Refused` where it has none."""
        if self.was.kind not in self.turn.edition.sheets:
            raise Refused("migrate_kind", task=self.was.id, kind=self.was.kind, edition=self.turn.edition.name)
        return self.turn.edition.sheets[self.was.kind]

    def rules(self, part: str) -> dict[str, Any]:
        """What the rules say of states, fields, deadlines or starts; what nobody has answered is left out."""
        said = self.command.rules.get(self.was.kind, {}).get(part) or {}
        return {name: each for name, each in said.items() if UNANSWERED not in (each, *_parts(each))}

    def carrier(self, event: Event) -> Carrier:
        """Who carries its deadlines over."""
        return Carrier(self.turn, self.before, event, self.rules("deadlines"), self.rules("starts"))

    def enter(self, cause: Event | None) -> Event:
        """Record that the task moved."""
        told = {
            "migration": self.command.migration,
            "was": self.was.edition,
            "from": self.was.state,
            "to": self._state(),
            "set": self._set(),
            "removed": sorted(name for name in self.was.fields if self._is_left(name)),
            "renamed": self._renamed(),
        }
        if left := self._left_in_rows():
            told["milestone_fields_removed"] = left
        return self.turn.emit(EventType.TASK_MIGRATED, self.was.id, told, cause)

    def _state(self) -> str:
        state = self.rules("states").get(self.was.state, self.was.state)
        if state not in self.new.body.states:
            raise Refused("migrate_state", task=self.was.id, state=self.was.state, known=list(self.new.body.states))
        if self.new.body.states[state].final:
            raise Refused("migrate_final", task=self.was.id, state=self.was.state, to=state)
        return str(state)

    def _renamed(self) -> dict[str, str]:
        """Deadlines of the record that have another name from now on."""
        to = {name: said.get("to", name) for name, said in self.rules("deadlines").items()}
        known = {one["name"] for one in self.was.deadlines.values()}
        return {name: new for name, new in to.items() if name in known and new != name}

    # -- the record

    def _is_left(self, name: str) -> bool:
        """Whether a value of the record stays behind."""
        return name not in self.new.body.fields or self.rules("opened").get(name) == EMPTIED

    def _set(self) -> dict[str, Json]:
        """The values that are new or another one."""
        said, found, old = self.rules("fields"), {}, self.before.sheet(self.was).body.fields
        for name, field in self.new.body.fields.items():
            value = self._value(name, field, said.get(name, {}))
            kept = name in old and old[name].required and not self._is_left(name)
            if value in (None, []) and field.required and not kept:
                raise Refused("migrate_field", task=self.was.id, field=name)
            if value is not None and value != self.was.fields.get(name):
                found[name] = value
        return found

    def _value(self, name: str, field: Field, said: Mapping[str, Any]) -> Json:
        """What stands in a field from now on: what stood there, or in the field that is named, or else a value."""
        source = said.get("from", name)
        value, old = self.was.fields.get(source), self.before.sheet(self.was).body.fields.get(source)
        if value not in (None, []) and opens(old, field):
            value = self._opened(name, value)
        if value is None and ("value" in said or old is None):
            value = self._parsed(name, field, said.get("value", field.default))
            return EMPTY.get(field.type.value) if value is None else value
        if value is None:
            return None
        if old is not None and _same_type(old, field):
            return value
        return self._parsed(name, field.model_copy(update={"personal": _lawful(old, field)}), value)

    def _opened(self, name: str, value: Json) -> Json:
        """What the law protected, where people have said that it may stand in the open from now on; None where they
        have said that it stays behind. Raises `Refused` where nobody has.
        """
        said = self.rules("opened").get(name)
        if said not in (OPENED, EMPTIED):
            raise Refused("migrate_personal", task=self.was.id, field=name)
        return value if said == OPENED else None

    def _left_in_rows(self) -> list[str]:
        """The fields of the plan's rows that stay behind: by the word of people where they would stand in the open,
        and where the new edition knows nothing of what the law protects. Raises `Refused` where nobody has said it.
        """
        had, has = (each.body.milestones for each in (self.before.sheet(self.was), self.new))
        fields, known = had.fields if had else {}, has.fields if has else {}
        filled = {
            name for row in self.was.milestones.values() for name, value in row.items() if value not in (None, [])
        }
        return [name for name in sorted(filled & fields.keys()) if self._stays(name, fields[name], known.get(name))]

    def _stays(self, name: str, old: Field, new: Field | None) -> bool:
        if new is None:
            return lawful(old)
        said = self.rules("opened_milestones").get(name)
        if opens(old, new) and said not in (OPENED, EMPTIED):
            raise Refused("migrate_personal", task=self.was.id, field=name)
        return opens(old, new) and said == EMPTIED

    def _parsed(self, name: str, field: Field, value: Json) -> Json:
        try:
            return parse_value(field, value, self.turn.edition.zone)
        except ValueProblem as problem:
            told = {"field": name, "zh": problem.text.zh, "en": problem.text.en}
            raise Refused("migrate_value", task=self.was.id, **told) from None


def _parts(said: Any) -> list[Any]:
    return list(said.values()) if isinstance(said, Mapping) else []


def _lawful(old: Field | None, new: Field) -> bool:
    """Whether the law protects a value that comes from one field into the other, or some of it."""
    return new.personal or (old is not None and lawful(old))


def _same_type(old: Field, new: Field) -> bool:
    """Whether a value of the one is a value of the other."""
    plain = {"zh": "", "en": "", "rule": (), "public": False, "default": None, "required": False}
    return old.model_copy(update=plain) == new.model_copy(update=plain)
