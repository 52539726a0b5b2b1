"""An order carried out: all in one transaction, once; what is left of the bytes is wiped after it.

The task's family is locked as for any act. Lines that go leave their digests, which their hashes rest on, so that not a
hash changes; the event that says so follows in the same transaction, and whatever follows from events is worked out
anew from what is left. A process that dies leaves all or nothing of it. Then an order that is approved and not carried
out, and bytes that are not wiped, are found by a note and finished by whoever runs next (the job `redact`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.chain import seal
from engine.commands import Actor, Origin, Refusal
from engine.decide import present
from engine.events import Event, EventType, instant, iso
from engine.lines import erased, set_apart
from engine.recall import told
from engine.task import Task, evolve
from workflows.audit.verifying import deciding, standing
from workflows.audit.verifying.books import Books
from workflows.audit.verifying.family import Family, read
from workflows.audit.verifying.values import Raw
from workflows.changes import changes
from workflows.desk import Desk, behind
from workflows.erased.erasable import lines_of
from workflows.ports import Work
from workflows.redaction.ordering import OPEN, all_of
from workflows.redaction.ports import Eraser
from workflows.redaction.preview import standing as still_there
from workflows.redaction.preview import unfit, words_of
from workflows.redaction.values import ACCOUNT, ORGANISATION, REDACTED, Line, Order, Redaction, redaction, said_of


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of finishing: by which orders what was erased now, those that could not be carried out and why, and
    whether the bytes are gone from the database's own files.
    """

    done: Mapping[str, Redaction]
    refused: Mapping[str, Refusal]
    wiped: bool


def finish(desk: Desk, eraser: Eraser, *, wipe: bool = True) -> Finished:
    """Carry out every order that is approved and was not, and wipe (or leave that, which takes long on a large
    database, to the job). May be stopped and asked again at any time.
    """
    seen = desk.store.note(OPEN) or ""
    done, refused = dict[str, Redaction](), dict[str, Refusal]()
    for order in all_of(desk.store).values():
        if order.state == "approved" and carried_out(desk, order) is None:
            found = carry_out(desk, eraser, order)
            if isinstance(found, Refusal):
                refused[order.subject] = found
            else:
                done[order.subject] = found
    wiped = not (seen or done) or (wipe and eraser.wipe())
    if wiped and seen:
        desk.store.swap_note(OPEN, seen, "")  # unless another order was approved meanwhile
    return Finished(done, refused, wiped)


def carried_out(desk: Desk, order: Order) -> Redaction | None:
    """The event by which an order was carried out, if it was."""
    return next((each for each in redactions(desk, order.wanted.stream) if each.order == order.subject), None)


def redactions(desk: Desk, stream: str) -> list[Redaction]:
    """What was erased from a stream, in order."""
    if stream == ORGANISATION:
        entries = [each for each in desk.store.chain(stream) if each.type == REDACTED]
        return [redaction(f"{stream}#{each.seq}", each.seq, each.told) for each in entries]
    events = (each.event for each in desk.store.events(stream))
    return [redaction(e.ref, e.seq, e.payload) for e in events if e.type is EventType.VALUES_REDACTED]


def carry_out(desk: Desk, eraser: Eraser, order: Order) -> Redaction | Refusal:
    """Carry out an approved order, once: done again it says what was done."""
    if order.state != "approved":
        return Refusal("redact_over", {"order": order.subject, "state": order.state})
    by = _account if order.wanted.stream == ORGANISATION else _task
    return desk.untrusted() or desk.persist(lambda: by(desk, eraser, order))


# -- a task


def _task(desk: Desk, eraser: Eraser, order: Order) -> Redaction | Refusal:
    with desk.work_on(order.wanted.stream) as work:
        kin = next((dict(family) for family in work.families.values()), None)
        if kin is None:
            return Refusal("unknown_task", {"task": order.wanted.stream})
        rows = eraser.family(work, order.wanted.stream)
        mine = rows[order.wanted.stream]
        done = next((each for each in _told(mine) if each.order == order.subject), None)
        return done or behind(kin, work.now) or _erase(desk, eraser, work, order, kin, mine)


def _told(rows: Sequence[Raw]) -> list[Redaction]:
    told, _ = read(row for row in rows if row.type == REDACTED)
    return [redaction(each.event.ref, each.event.seq, each.event.payload) for each in told]


def _erase(
    desk: Desk, eraser: Eraser, work: Work, order: Order, kin: Mapping[str, Task], rows: Sequence[Raw]
) -> Redaction | Refusal:
    told_, unread = read(rows)
    task = kin.get(order.wanted.stream) or deciding.obeyed(Books(), told_).tasks[order.wanted.stream]
    events = [each.event for each in told_]
    refusal = unfit(desk, task, events, order.wanted)
    if refusal is not None:
        return refusal
    if unread or not all(map(_whole, rows)):
        return Refusal("redact_broken", {"task": task.id})
    sheets = {e.seq: desk.book(e.edition)[0].sheets[task.kind] for e in events}
    texts = [(row.seq, row.payload, row.salts) for row in rows]
    lines = still_there(lines_of([text[:2] for text in texts], order.wanted, sheets, ended=task.ended), texts)
    words = frozenset(words_of(texts, lines))
    keys = _keys(events, lines)
    eraser.rewrite(work, list(_rewritten(rows, lines)))
    event = _append(desk, work, order, task, kin, lines)
    family = _lived(desk, eraser, work, task.id)
    eraser.put_back(work, standing.life_of(family))
    eraser.forget(work, family.tasks, words, keys)
    eraser.forget_files(work, order.wanted.files)
    return redaction(event.ref, event.seq, event.payload)


def _whole(row: Raw) -> bool:
    try:
        return bool(seal(row.prev, row.header, row.payload, row.salts) == row.hash)
    except ValueError:
        return False


def _rewritten(rows: Sequence[Raw], lines: Sequence[Line]) -> Sequence[Raw]:
    """The rows less these lines; their hashes are what they were."""
    wanted = set(lines)
    found = []
    for row in rows:
        which = {at for at, part, name in set_apart(row.payload.split("\n")) if Line(row.seq, part, name) in wanted}
        if which:
            payload, salts = erased(row.payload, row.salts, which)
            found.append(row._replace(payload=payload, salts=salts))
    assert all(map(_whole, found)), "an erased line leaves the hash that it had"
    return found


def _keys(events: Sequence[Event], lines: Sequence[Line]) -> set[tuple[str, str]]:
    """Under which keys (by actor) decisions were asked for that lose a line: digests of their forms are kept there."""
    seqs = {line.seq for line in lines}
    commands = ((event.actor, event.payload.get("command") or {}) for event in events if event.seq in seqs)
    return {(actor, command["key"]) for actor, command in commands if command.get("key")}


def _append(desk: Desk, work: Work, order: Order, task: Task, kin: Mapping[str, Task], lines: Sequence[Line]) -> Event:
    """The event that says what was erased, by whose order; who approved it is who erased."""
    edition, calendar = desk.book(task.edition)
    approved = order.approved
    assert approved is not None, "who carries an order out has looked whether it is approved"
    actor, at = Actor(approved.actor, ("admin",)), present({task.id: task}, work.now)
    origin = Origin(desk.channel, None, desk.login)
    command = told(edition, calendar, actor, origin, iso(at), do="redact", reason=order.reason)
    event = Event(
        type=EventType.VALUES_REDACTED,
        task=task.id,
        seq=task.seq + 1,
        occurred_at=at,
        due_at=None,
        actor=actor.id,
        cause="",
        edition=task.edition,
        payload={"command": command, **said_of(order, lines)},
    )
    after = evolve(task, event)
    touched = instant(task.touched_at)
    work.save(changes(edition, {task.id: task}, {task.id: after}, [event], touched, kin=kin))
    return event


def _lived(desk: Desk, eraser: Eraser, work: Work, task: str) -> Family:
    """The family as its events tell it now."""
    texts = {record.name: {"text": record.text} for record in desk.store.editions()}
    rows = eraser.family(work, task)
    known, _ = read(row for stream in rows.values() for row in stream)
    return deciding.obeyed(Books(texts), known)


# -- an account


def _account(desk: Desk, eraser: Eraser, order: Order) -> Redaction | Refusal:
    (user,) = order.wanted.names
    known = desk.people.user(user) if desk.people is not None else None
    if known is None or known.active:
        return Refusal("redact_active" if known else "unknown_user", {"user": user})
    approved = order.approved
    assert approved is not None, "who carries an order out has looked whether it is approved"
    with desk.store.chained(ORGANISATION) as chain:
        entries = chain.entries()
        for each in entries:
            if each.type == REDACTED and each.told["order"] == order.subject:
                return redaction(f"{ORGANISATION}#{each.seq}", each.seq, each.told)
        rows = eraser.rows(chain, ORGANISATION)
        if not all(map(_whole, rows)):
            return Refusal("redact_broken", {"task": ORGANISATION})
        mine = {each.seq for each in entries if each.told.get("user") == user}
        lines = [
            Line(row.seq, part, name)
            for row in rows
            if row.seq in mine
            for _, part, name in set_apart(row.payload.split("\n"))
            if part == "fields" and name in ACCOUNT
        ]
        texts = [(row.seq, row.payload, row.salts) for row in rows if row.seq in mine]
        lines = still_there(lines, texts)
        eraser.rewrite(chain, list(_rewritten(rows, lines)))
        said = {**said_of(order, lines), "user": user, "text": order.reason}
        ref = chain.append(REDACTED, approved.actor, {**said, "channel": desk.channel, "login": desk.login})
        eraser.forget_user(chain, user)
        return redaction(ref, int(ref.rpartition("#")[2]), said)
