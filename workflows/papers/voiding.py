"""A document declared void: it stays on record with who, when and why, and its number is not used again."""

from __future__ import annotations

from engine.commands import Actor, Refusal
from engine.decide import present
from engine.edition import ENGINE
from engine.events import Event, EventType, instant, iso
from engine.task import evolve
from workflows.changes import changes
from workflows.desk import Desk, behind
from workflows.papers.issuers import not_theirs
from workflows.papers.values import Document, Void
from workflows.ports import Work


def void(desk: Desk, number: int, reason: str, actor: Actor) -> Document | Refusal:
    """Declare document `number` (its id) void. Who may issue may also void; the history of the task says so."""
    if not reason.strip():
        return Refusal("void_reason", {"document": number})
    if desk.papers is None:
        return Refusal("no_press", {"publication": str(number)})
    document = desk.papers.document(number)
    if document is None:
        return Refusal("unknown_document", {"document": number})
    refusal = desk.untrusted() or desk.persist(lambda: _void(desk, document, reason.strip(), actor))
    return refusal or desk.papers.document(number) or document


def _void(desk: Desk, document: Document, reason: str, actor: Actor) -> Refusal | None:
    assert desk.papers is not None, "who voids has looked for papers"
    with desk.work_on(document.stream) as work:
        family = next((dict(family) for family in work.families.values()), {})
        task = family.get(document.stream) or desk.store.task(document.stream)
        assert task is not None, "a document stands on a task"
        refusal = behind(family, work.now) or not_theirs(desk, task, actor)
        if refusal is not None:
            return refusal
        if not desk.papers.void(work, document.id, Void(work.now, actor.id, reason)):
            kept = desk.papers.document(document.id) or document
            voided = iso(kept.void.at) if kept.void else ""
            return Refusal("void_already", {"number": document.number.text, "at": voided})
        edition, _ = desk.book(task.edition)
        event = _event(desk, document, reason, actor, work)
        after = evolve(task, event)
        at = instant(task.touched_at)
        work.save(changes(edition, {task.id: task}, {task.id: after}, [event], at, kin=family))
    return None


def _event(desk: Desk, document: Document, reason: str, actor: Actor, work: Work) -> Event:
    task = desk.store.task(document.stream)
    assert task is not None, "a document stands on a task"
    edition, calendar = desk.book(task.edition)
    at = present({task.id: task}, work.now)
    command = {
        "do": "void",
        "at": iso(at),
        "actor": {"id": actor.id, "roles": list(actor.roles), "units": list(actor.units)},
        "channel": desk.channel,
        "key": None,
        "login": desk.login,
        "edition": edition.digest,
        "calendar": calendar.digest,
        "engine": ENGINE,
    }
    told = {"publication": document.publication, "number": document.number.text, "document": document.digest}
    return Event(
        type=EventType.PUBLICATION_VOIDED,
        task=task.id,
        seq=task.seq + 1,
        occurred_at=at,
        due_at=None,
        actor=actor.id,
        cause=f"{document.stream}#{document.seq}",
        edition=task.edition,
        payload={"command": command, **told, "reason": reason},
    )
