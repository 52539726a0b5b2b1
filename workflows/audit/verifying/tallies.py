"""What a family says of things that are kept for the whole house: numbers taken, documents issued and declared void,
answers given under keys. Plain data, for it crosses processes and is kept in files; the house is compared with it last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from engine.chain import canonical
from engine.events import Event, EventType, Json, instant
from workflows.audit.verifying.chains import micros
from workflows.audit.verifying.family import Family, Step, Told
from workflows.audit.verifying.findings import Finding
from workflows.office.evidence import files_in
from workflows.office.publications import declared


@dataclass(slots=True)
class Tally:
    """Each entry begins with the stream and the number of its event."""

    registered: list[list[Json]] = field(default_factory=list)
    """The series from which a number was taken."""
    issued: list[list[Json]] = field(default_factory=list)
    """Series and number of the publication, the event that ordered it, and its row in `documents`, if it has one."""
    voided: list[list[Json]] = field(default_factory=list)
    """The event that issued it, who declared it void, why, and when (recorded, in microseconds)."""
    answered: list[list[Json]] = field(default_factory=list)
    """Actor, key, the answer (None: of a list), the events of the decision, and those that time had decided just before
    it: they are in the answer where they were written with it, which is not recorded."""

    def plain(self) -> dict[str, Any]:
        """As a file of results keeps it."""
        sorts = {"registered": self.registered, "issued": self.issued, "voided": self.voided, "answered": self.answered}
        return {sort: entries for sort, entries in sorts.items() if entries}


def tally(family: Family) -> Tally:
    """What a family says."""
    found = Tally()
    late: list[Told] = []
    for step in family.steps:
        first = step.events[0].event
        at = [first.task, first.seq]
        if first.type is EventType.TASK_REGISTERED:
            kind = str(first.payload["kind"])
            found.registered.append([*at, "-".join(part for part in (first.edition.partition("@")[0], kind) if part)])
        elif first.type is EventType.PUBLICATION_ISSUED:
            found.issued.append([*at, *_issued(step, first)])
        elif first.type is EventType.PUBLICATION_VOIDED:
            reason, when = first.payload["reason"], micros(step.events[0].recorded_at)
            found.voided.append([*at, first.cause, first.actor, reason, when])
        late = _with(late, step)
        key = first.payload["command"]["key"]
        if key is not None:
            mine, with_it = [each.ref for each in step.events], [each.ref for each in late]
            found.answered.append([*at, first.actor, key, _answer(step, first), mine, with_it])
        if step.person:
            late = []
    return found


def _with(late: list[Told], step: Step) -> list[Told]:
    """The events of the transaction so far: time's own that were recorded with an act go with its answer."""
    if late and late[0].recorded_at != step.events[0].recorded_at:
        late = []
    return [*late, *step.events]


def _answer(step: Step, first: Event) -> Json:
    if first.type is EventType.TASK_REGISTERED:
        return None
    task = step.after[first.task]
    return {"task": task.id, "state": task.state, "signal": task.signal, "version": task.seq, "ended": task.ended}


def _issued(step: Step, event: Event) -> list[Json]:
    told = event.payload
    series = f"publication:{event.task}:{told['publication']}"
    return [series, told["number"], event.cause, _document(step, event, told.get("document"))]


def _document(step: Step, event: Event, made: Mapping[str, Json] | None) -> Json:
    """The row of `documents`, as far as the event tells it."""
    if made is None:
        return None
    rules = declared(step.edition, step.before[event.task].kind) if step.edition else {}
    rule = rules.get(event.payload["publication"])
    return {
        "publication": event.payload["publication"],
        "series": made["series"],
        "year": made["year"],
        "serial": made["serial"],
        "number": made["number"],
        "language": made["language"],
        "audience": rule.audience if rule else None,
        "template": made["template"],
        "digest": made["docx"],
        "issued_at": micros(instant(event.payload["as_of"])),
        "issued_by": event.actor,
    }


# -- files


def files(family: Family, known: frozenset[str]) -> Iterator[Finding]:
    """Files that events name and that are not there; and words as issued that are not those of their digest. What was
    erased need not be there.
    """
    erased = (each.event for each in family.told.values() if each.event.type is EventType.VALUES_REDACTED)
    known = known.union(*(event.payload.get("files", ()) for event in erased))
    for each in family.told.values():
        event = each.event
        if '"digest"' in each.raw.payload:
            for file in files_in(event.payload):
                digest = file.get("digest")
                if digest is not None and digest not in known:
                    yield _missing(event, str(file["name"]), str(digest), "file_missing")
        if event.type is EventType.PUBLICATION_ISSUED:
            yield from _printed(event, known)


def _printed(event: Event, known: frozenset[str]) -> Iterator[Finding]:
    told = event.payload
    if sha256(canonical(told["text"]).encode()).hexdigest() != told["digest"]:
        yield Finding("text_altered", event.task, event.seq)
    for name in ("template", "docx"):
        digest = told.get("document", {}).get(name)
        if digest is not None and digest not in known:
            yield _missing(event, f"{told['document']['number']} ({name})", digest, "file_missing")


def _missing(event: Event, name: str, digest: str, code: str) -> Finding:
    return Finding(code, event.task, event.seq, {"name": name, "digest": digest[:12]})
