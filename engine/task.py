"""What a stream of events adds up to: the task, and `evolve`, which obeys and has no rules.

Everything inside a task is plain JSON data, so that a snapshot is the task and a replay converts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypedDict

from msgspec import Struct, field
from msgspec.structs import asdict
from msgspec.structs import replace as changed

from engine.events import Event, EventType, Json, iso
from engine.problems import Spoken


class Occurrence(TypedDict, total=False):
    """One occurrence of a deadline, as its events carry it. Instants are ISO strings in UTC, days ISO dates.

    `n` numbers the occurrences of a task in the order in which they started. `status` is running, paused, met,
    met_late, missed, lapsed, cancelled or superseded. `due_at` is exclusive: the first instant that is too late.
    `start` holds the form's values that the date hangs on, `pauses` pairs of since and until (None while open), `why`
    the steps that led to the date, `remind` the instants at which reminders are still to come. `passed` says that its
    day went by unmet, and was not excused. `units` are those whose it was when it was met or passed: what one unit
    missed stays with it when the task goes to another. What is due within a day is late by `minutes_late` too. `kept`
    is the rule by which its date goes on, where its task came under another edition since (`engine.kept`).
    """

    n: int
    name: str
    key: str
    status: str
    duty: bool
    who: str
    started_at: str
    start: Json
    due_at: str | None
    last_day: str | None
    provisional: bool
    why: list[Json]
    pauses: list[list[str | None]]
    paused_by: list[int]
    extensions: list[Json]
    remind: list[str]
    reminded: list[str]
    met_at: str
    days_late: int
    working_days_late: int
    passed: bool
    minutes_late: int
    skipped: bool
    units: list[str] | None
    kept: Json


def grants(occurrence: Mapping[str, Any]) -> list[Json]:
    """The extensions that were granted. A day that an opening entry stated is kept among them, and is none."""
    return [grant for grant in occurrence.get("extensions", ()) if "term" in grant or "first" in grant]


OPEN = frozenset({"running", "paused"})
OWED = frozenset({"running", "paused", "missed"})


class Task(Struct, frozen=True):
    """A supervised task, one of its children, or a programme: `kind` is the path of its body in the edition ("" is the
    process itself, "interview" a child, "programme" the programme). `seq` is its version: the last event's number.

    `began_at` is when it was registered, None where it was under way already. `touched_at` is the present of the last
    decision about it: time has run until then.

    `deadlines` is keyed by `name/key`. `fired` holds for each trigger when and by whom it was fired. `children` holds
    kind, state and whether it ended for each child. `before` is what the last correctable act can be taken back to.
    `undecided` holds for recurring deadlines, by name, why their next period could not be decided when last asked.

    `under` says since when, from which edition and by which migration the task came under its edition, None where it
    was registered under it. `way_back` is the task as it was before that, while nothing has happened to it since.
    """

    id: str
    root: str
    parent: str | None
    part_of: str | None
    kind: str
    edition: str
    seq: int
    state: str
    entered_at: str
    touched_at: str
    ended: bool = False
    signal: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)
    milestones: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    deadlines: Mapping[str, Occurrence] = field(default_factory=dict)
    fired: Mapping[str, list[list[str]]] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    before: Mapping[str, Json] | None = None
    began_at: str | None = None
    under: Mapping[str, Json] | None = None
    way_back: Mapping[str, Json] | None = None
    undecided: Mapping[str, str] = field(default_factory=dict)

    def with_fields(self, fields: Mapping[str, Json]) -> Task:
        """The same task with another record: what would be, if this were so."""
        return changed(self, fields=dict(fields))

    def with_face(self, state: str, signal: str | None, *, ended: bool) -> Task:
        """The same task in another state and with another light: how it was taken to look."""
        return changed(self, state=state, signal=signal, ended=ended)

    def to_json(self) -> dict[str, Json]:
        """The snapshot: a JSON object with one key for each field."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Task:
        """The inverse of `to_json`."""
        return Task(**data)


Family: TypeAlias = Mapping[str, Task]
"""A root task with its descendants, by id: what one decision may touch."""

RESTORED = ("state", "entered_at", "fields", "milestones", "deadlines", "fired")


def evolve(task: Task | None, event: Event) -> Task:
    """The task after the event. Raises `BrokenStream` where the event cannot follow."""
    if task is None:
        return _registered(event)
    if event.seq != task.seq + 1 or event.task != task.id:
        raise BrokenStream(
            f"{event.ref} 接不上 {task.id}#{task.seq}", f"{event.ref} does not follow {task.id}#{task.seq}"
        )
    changes, present = _OBEY[event.type](task, event), _present(event)
    if task.way_back is not None and present != task.way_back["at"]:
        changes.setdefault("way_back", None)
    if present > task.touched_at:
        changes["touched_at"] = present
    return changed(task, seq=event.seq, **changes)


def replay(events: Iterable[Event]) -> Task:
    """The task that a whole stream adds up to."""
    task: Task | None = None
    for event in events:
        task = evolve(task, event)
    if task is None:
        raise BrokenStream("一条记录也没有", "a stream has at least one event")
    return task


def replay_part(events: Iterable[Event]) -> Task:
    """The task that a part of a stream adds up to, its first event among it: what is left out has not happened, or was
    not known. Its version is how many events there are.
    """
    return replay(changed(event, seq=number) for number, event in enumerate(events, 1))


class BrokenStream(Spoken):
    """A stream's events do not follow one another: the history is damaged."""


def _present(event: Event) -> str:
    """The present of the decision: told by its first event, and by others where it is not when they occurred."""
    command = event.payload.get("command")
    return str(command["at"] if command else event.payload.get("now") or iso(event.occurred_at))


def _registered(event: Event) -> Task:
    if event.type is not EventType.TASK_REGISTERED or event.seq != 1:
        raise BrokenStream(f"{event.ref} 不能是第一条：{event.type}", f"{event.ref} cannot open a stream: {event.type}")
    told = event.payload
    return Task(
        id=event.task,
        root=told["root"],
        parent=told["parent"],
        part_of=told["part_of"],
        kind=told["kind"],
        edition=event.edition,
        seq=1,
        state=told["state"],
        entered_at=iso(event.occurred_at),
        began_at=None if told["opening"] else iso(event.occurred_at),
        touched_at=_present(event),
        fields=told["fields"],
        milestones=told["milestones"],
    )


def _twice(_task: Task, event: Event) -> dict[str, Any]:
    raise BrokenStream(f"{event.ref} 把已有的事项又立项一次", f"{event.ref} registers a task that exists")


def _lit(_task: Task, event: Event) -> dict[str, Any]:
    return {"signal": event.payload["to"]}


def _child_opened(task: Task, event: Event) -> dict[str, Any]:
    return _child(task, event, ended=False)


def _child_ended(task: Task, event: Event) -> dict[str, Any]:
    return _child(task, event, ended=True)


def _child(task: Task, event: Event, *, ended: bool) -> dict[str, Any]:
    told = event.payload
    child = {"kind": told["kind"], "state": told["state"], "round": told["round"], "ended": ended}
    return {"children": {**task.children, told["child"]: child}}


def _corrected(_task: Task, event: Event) -> dict[str, Any]:
    told = event.payload
    restored = {name: told[name] for name in RESTORED if name != "state"}
    return {**restored, "state": told["to"], "ended": False, "before": None}


def _noted(_task: Task, _event: Event) -> dict[str, Any]:
    return {}


def _occurred(task: Task, event: Event) -> dict[str, Any]:
    occurrence = event.payload["occurrence"]
    return {"deadlines": {**task.deadlines, f"{occurrence['name']}/{occurrence['key']}": occurrence}}


def _started(task: Task, event: Event) -> dict[str, Any]:
    changes, name = _occurred(task, event), event.payload["occurrence"]["name"]
    if name in task.undecided:
        changes["undecided"] = {other: cause for other, cause in task.undecided.items() if other != name}
    return changes


def _ignored(task: Task, event: Event) -> dict[str, Any]:
    told = event.payload
    return {"undecided": {**task.undecided, told["deadline"]: cause_of(told)}} if "deadline" in told else {}


def cause_of(told: Mapping[str, Json]) -> str:
    """Why something could not be done: the code and the guard, without what was seen that day."""
    return f"{told['code']} {told['facts'].get('guard', '')}"


def _passed(task: Task, event: Event) -> dict[str, Any]:
    return {**_occurred(task, event), "before": None}


def _fired(task: Task, event: Event) -> dict[str, Any]:
    told, trigger = event.payload, event.payload["trigger"]
    changes: dict[str, Any] = {
        "fired": {**task.fired, trigger: [*task.fired.get(trigger, ()), [iso(event.occurred_at), event.actor]]},
        "ended": told["ended"],
    }
    if told["to"] != task.state:
        changes |= {"state": told["to"], "entered_at": iso(event.occurred_at)}
    if told["set"]:
        changes["fields"] = {**task.fields, **told["set"]}
    if told["milestones"]:
        changes["milestones"] = {**task.milestones, **told["milestones"]}
    if told["undo"] != "keep":
        changes["before"] = _way_back(task, event) if told["undo"] == "new" else None
    return changes


def _way_back(task: Task, event: Event) -> dict[str, Json]:
    """What an act can be taken back to: the record before it, and who did what."""
    return {
        **{name: getattr(task, name) for name in RESTORED},
        "trigger": event.payload["trigger"],
        "actor": event.actor,
        "children": sorted(task.children),
    }


MOVED = (*RESTORED, "edition", "ended", "signal", "children", "before", "under")
"""What a migration may change, and what it is taken back to."""


def _migrated(task: Task, event: Event) -> dict[str, Any]:
    told, present = event.payload, _present(event)
    removed, renamed = frozenset(told["removed"]), told["renamed"]
    changes: dict[str, Any] = {
        "edition": event.edition,
        "fields": {name: value for name, value in task.fields.items() if name not in removed} | told["set"],
        "under": {"since": iso(event.occurred_at), "was": task.edition, "migration": told["migration"]},
        "way_back": {"at": present, **{name: getattr(task, name) for name in MOVED}},
        "before": None,
    }
    if left := told.get("milestone_fields_removed"):
        rows = task.milestones.items()
        changes["milestones"] = {key: {n: v for n, v in row.items() if n not in left} for key, row in rows}
    if told["to"] != task.state:
        changes |= {"state": told["to"], "entered_at": iso(event.occurred_at)}
    if renamed:
        found = [{**one, "name": renamed.get(one["name"], one["name"])} for one in task.deadlines.values()]
        changes["deadlines"] = {f"{one['name']}/{one['key']}": one for one in found}
    return changes


def _reverted(task: Task, event: Event) -> dict[str, Any]:
    if task.way_back is None:
        raise BrokenStream(f"{event.ref} 撤回迁移，却没有可撤回的", f"{event.ref} goes back where there is no way back")
    return {**{name: task.way_back[name] for name in MOVED}, "way_back": None}


_OBEY: Mapping[EventType, Callable[[Task, Event], dict[str, Any]]] = {
    EventType.TASK_REGISTERED: _twice,
    EventType.TRIGGER_FIRED: _fired,
    EventType.TRIGGER_IGNORED: _ignored,
    EventType.ACT_CORRECTED: _corrected,
    EventType.DEADLINE_STARTED: _started,
    EventType.DEADLINE_MOVED: _occurred,
    EventType.DEADLINE_PAUSED: _occurred,
    EventType.DEADLINE_RESUMED: _occurred,
    EventType.DEADLINE_EXTENDED: _occurred,
    EventType.DEADLINE_REMINDED: _occurred,
    EventType.DEADLINE_MET: _occurred,
    EventType.DEADLINE_MISSED: _passed,
    EventType.DEADLINE_LAPSED: _passed,
    EventType.DEADLINE_CANCELLED: _occurred,
    EventType.DEADLINE_SUPERSEDED: _occurred,
    EventType.MISS_EXCUSED: _occurred,
    EventType.SIGNAL_CHANGED: _lit,
    EventType.CHILD_OPENED: _child_opened,
    EventType.CHILD_ENDED: _child_ended,
    EventType.NOTICE_RAISED: _noted,
    EventType.PUBLICATION_ORDERED: _noted,
    EventType.PUBLICATION_ISSUED: _noted,
    EventType.PUBLICATION_VOIDED: _noted,
    EventType.TASK_MIGRATED: _migrated,
    EventType.TASK_RESTORED: _reverted,
    EventType.VALUES_REDACTED: _noted,
}
"""What each event changes about a task."""
