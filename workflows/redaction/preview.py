"""What an order would erase, before anybody confirms it: the lines, and where else the same words stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from engine.chain import parsed
from engine.commands import Refusal
from engine.edition import Sheet
from engine.events import Event, EventType, Json
from engine.lines import readable, set_apart
from engine.task import Task
from workflows.desk import Desk
from workflows.erased.erasable import decided_by, lines_of, nameable, words_in
from workflows.office.evidence import files_in
from workflows.ports import Recorded
from workflows.redaction.looking import Traces, in_text, traces
from workflows.redaction.ports import Eraser
from workflows.redaction.values import ACCOUNT, ORGANISATION, Line, Wanted


@dataclass(frozen=True, slots=True)
class Preview:
    """The lines that would go, those of them that are gone already left out; where their words stand besides: in other
    lines of the family, and elsewhere.
    """

    wanted: Wanted
    lines: Sequence[Line]
    beside: Sequence[str] = ()
    traces: Traces = field(default_factory=Traces)

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        told = {**self.wanted.to_json(), "lines": [each.to_json() for each in self.lines]}
        return {**told, "beside": list(self.beside), "still_in": self.traces.to_json()}


def preview(desk: Desk, eraser: Eraser, wanted: Wanted) -> Preview | Refusal:
    """What an order would do now."""
    if wanted.stream == ORGANISATION:
        return _of_account(desk, wanted)
    task = desk.store.task(wanted.stream)
    if task is None:
        return Refusal("unknown_task", {"task": wanted.stream})
    recorded = desk.store.events(task.id)
    refusal = unfit(desk, task, [each.event for each in recorded], wanted) or _files(eraser, recorded, task, wanted)
    if refusal is not None:
        return refusal
    lines = _lines(desk, task, recorded, wanted)
    if not lines and not wanted.files:
        return Refusal("redact_nothing", {"names": list(wanted.names), "task": task.id})
    return _with_traces(desk, eraser, task, recorded, Preview(wanted, lines))


def _lines(desk: Desk, task: Task, recorded: Sequence[Recorded], wanted: Wanted) -> list[Line]:
    known = sheets(desk, task, recorded)
    rows = [(each.event.seq, each.payload, each.salts) for each in recorded]
    return standing(lines_of([row[:2] for row in rows], wanted, known, ended=task.ended), rows)


def _with_traces(desk: Desk, eraser: Eraser, task: Task, recorded: Sequence[Recorded], found: Preview) -> Preview:
    rows = [(each.event.seq, each.payload, each.salts) for each in recorded]
    words = frozenset(words_of(rows, found.lines))
    if not words:
        return found
    family = {name: desk.store.events(name) for name in _family(desk, task)}
    payloads = (each.event.payload for events in family.values() for each in events)
    named = {str(file.get("digest")) for payload in payloads for file in files_in(payload)}
    beside = _beside(family, task.id, found.lines, words)
    return replace(found, beside=beside, traces=traces(eraser, words, task.root, named))


def names_in(desk: Desk, task: Task) -> tuple[str, ...]:
    """What may be named in an order about a task and holds anything, less what a rule has read."""
    recorded = desk.store.events(task.id)
    events = [each.event for each in recorded]
    known = dict.fromkeys(name for sheet in sheets_of(desk, task, events) for name in nameable(sheet, ended=task.ended))
    alone = (Wanted(task.id, (name,)) for name in known)
    fit = [each for each in alone if unfit(desk, task, events, each) is None and _lines(desk, task, recorded, each)]
    return tuple(each.names[0] for each in fit)


def sheets(desk: Desk, task: Task, recorded: Iterable[Recorded]) -> dict[int, Sheet]:
    """The body by which each event of a task was recorded, by its number."""
    return {each.event.seq: desk.book(each.event.edition)[0].sheets[task.kind] for each in recorded}


def unfit(desk: Desk, task: Task, events: Sequence[Event], wanted: Wanted) -> Refusal | None:
    """Why these names may not be erased from a task."""
    used = sheets_of(desk, task, events)
    known = list(dict.fromkeys(name for sheet in used for name in nameable(sheet, ended=task.ended)))
    strange = [name for name in wanted.names if name not in known]
    if strange:
        return Refusal("redact_facts", {"names": strange, "known": known})
    unique = {name for sheet in used for name in sheet.body.registration.unique}
    read = ((name, f"{task.id}#1") for name in wanted.names if name in unique)
    decided = next(chain(read, decided_by(events, wanted.names)), None)
    return Refusal("redact_decides", {"name": decided[0], "event": decided[1]}) if decided else None


def sheets_of(desk: Desk, task: Task, events: Iterable[Event]) -> list[Sheet]:
    """The bodies by which a task was ever led."""
    return [desk.book(name)[0].sheets[task.kind] for name in dict.fromkeys(each.edition for each in events)]


def _files(eraser: Eraser, recorded: Sequence[Recorded], task: Task, wanted: Wanted) -> Refusal | None:
    """Why these files may not be erased: evidence of this task alone may."""
    issued = (EventType.PUBLICATION_ISSUED, EventType.PUBLICATION_VOIDED)
    named = {
        str(file.get("digest"))
        for each in recorded
        if each.event.type not in issued
        for file in files_in(each.event.payload)
    }
    for digest in wanted.files:
        if digest not in named:
            return Refusal("redact_file", {"file": digest[:12], "task": task.id})
        others = [stream for stream in eraser.named_by(digest) if stream != task.root]
        if others:
            return Refusal("redact_shared", {"file": digest[:12], "others": others})
    return None


def standing(lines: Iterable[Line], rows: Iterable[tuple[int, str, str]]) -> list[Line]:
    """Those lines that are not gone yet and hold anything."""
    told = {seq: parsed(readable(payload, salts)) for seq, payload, salts in rows}
    return [line for line in lines if value_at(told[line.seq], line) not in (None, "", {}, [])]


def value_at(told: Mapping[str, Json], line: Line) -> Json:
    """What stands on a line."""
    if line.part == "reason":
        return (told.get("command") or {}).get("reason")
    part = told.get(line.part)
    return part if line.name is None or not isinstance(part, Mapping) else part.get(line.name)


def words_of(rows: Iterable[tuple[int, str, str]], lines: Collection[Line]) -> Iterable[str]:
    """The words on these lines."""
    told = {seq: parsed(readable(payload, salts)) for seq, payload, salts in rows}
    for line in lines:
        yield from words_in(value_at(told[line.seq], line))


def _family(desk: Desk, task: Task) -> list[str]:
    above = desk.store.task(task.root) or task
    return [above.id, *_below(desk, above)]


def _below(desk: Desk, task: Task) -> Iterable[str]:
    for name in task.children:
        yield name
        child = desk.store.task(name)
        if child is not None:
            yield from _below(desk, child)


def _beside(
    family: Mapping[str, Sequence[Recorded]], task: str, lines: Sequence[Line], words: frozenset[str]
) -> list[str]:
    """Events of the family that hold the same words on lines that are not to go."""
    gone = {(line.seq, line.part, line.name) for line in lines}
    return [
        f"{name}#{seq}"
        for name, recorded in family.items()
        for seq, text in _others(recorded, gone if name == task else set())
        if in_text(text, words)
    ]


def _others(recorded: Iterable[Recorded], gone: set[tuple[int, str, str | None]]) -> Iterable[tuple[int, str]]:
    for each in recorded:
        lines = each.payload.split("\n")
        mine = {at for at, part, name in set_apart(lines) if (each.event.seq, part, name) in gone}
        yield each.event.seq, each.header + "\n".join(line for at, line in enumerate(lines) if at not in mine)


def _of_account(desk: Desk, wanted: Wanted) -> Preview | Refusal:
    """Of an account: whatever the organisation's stream says of it, once it is closed."""
    (user,) = wanted.names or ("",)
    known = desk.people.user(user) if desk.people is not None else None
    if known is None:
        return Refusal("unknown_user", {"user": user})
    if known.active:
        return Refusal("redact_active", {"user": user})
    if wanted.files or wanted.events:
        return Refusal("redact_facts", {"names": [*wanted.files, *map(str, wanted.events)], "known": [user]})
    recorded = desk.store.chain(ORGANISATION)
    told = {each.seq: each.told.get("fields") or {} for each in recorded if each.told.get("user") == user}
    lines = [Line(seq, "fields", name) for seq, fields in told.items() for name in ACCOUNT if fields.get(name)]
    return Preview(wanted, lines) if lines else Refusal("redact_nothing", {"names": [user], "task": ORGANISATION})
