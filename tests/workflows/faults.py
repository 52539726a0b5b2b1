"""A fault of each kind that `verify` can find, planted in the office of `verified`: by plain SQL, or by an attacker who
can compute every hash anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from engine.chain import canonical
from engine.lines import erased, set_apart
from storage.rebuilding import SHAPES
from tests.workflows.verified import Damage


class Fault(NamedTuple):
    """The code by which it is found, what is done, and how."""

    code: str
    title: str
    plant: Callable[[Damage], object]


def _sql(code: str, title: str, *statements: str) -> Fault:
    def plant(damage: Damage) -> None:
        assert sum(damage.sql(each) for each in statements) != 0, "nothing was altered"

    return Fault(code, title, plant)


def _told(code: str, title: str, kind: str, having: str, change: Callable[[Any], object]) -> Fault:
    """The payload of the first event of a type that has some text, and every hash after it."""
    return Fault(code, title, lambda damage: damage.rewrite(damage.first(kind, having), change))


def _headed(code: str, title: str, kind: str, having: str, **header: Any) -> Fault:
    """The same with its header."""
    return Fault(code, title, lambda damage: damage.rewrite(damage.first(kind, having), **header))


def _set(*path: str, **values: Any) -> Callable[[Any], object]:
    """Other values at a place of a payload."""

    def change(told: Any) -> None:
        for name in path:
            told = told[int(name) if name.isdigit() else name]
        told.update(values)

    return change


# -- what takes more than a statement


def _unread(damage: Damage) -> None:
    where = damage.first("DeadlineMet")
    said = "UPDATE events SET payload = '[1]', salts = ? WHERE stream = ? AND seq = ?"
    damage.sql(said, "ab" * 16, *where)
    damage.rechain(where[0])


def _cut_off(damage: Damage) -> None:
    """The end of a stream, from the last miss on."""
    said = "SELECT max(seq) FROM events WHERE type = 'DeadlineMissed' AND stream = 'promises-03'"
    damage.sql("DELETE FROM events WHERE stream = 'promises-03' AND seq >= ?", damage.ask(said)[0][0])


def _forget(damage: Damage) -> None:
    """A whole task, from everywhere."""
    for table, shape in SHAPES.items():
        damage.sql(f"DELETE FROM {table} WHERE {shape.columns[0]} = 'promises-04'")  # noqa: S608 - our own names
    damage.sql("DELETE FROM events WHERE stream = 'promises-04'")


def _swap_calendar(damage: Damage) -> None:
    """A calendar of the attacker's own, by which something was decided."""
    ((text,),) = damage.ask("SELECT text FROM calendars WHERE name = 'cn' LIMIT 1")
    made = canonical(json.loads(text) | {"source": "mine"})
    digest = sha256(made.encode()).hexdigest()
    damage.sql("INSERT INTO calendars (digest, name, text) VALUES (?, 'cn', ?)", digest, made)
    damage.rewrite(damage.first("TriggerFired"), _set("command", calendar=digest))


def gone(damage: Damage) -> None:
    """A telephone number is erased past the program, in the form that the program has for it; the rows that follow from
    it are left.
    """
    where = damage.first("TriggerFired", '"phone":"1380"')
    ((payload, salts),) = damage.ask("SELECT payload, salts FROM events WHERE stream = ? AND seq = ?", *where)
    which = {at for at, part, name in set_apart(payload.split("\n")) if (part, name) == ("form", "phone")}
    damage.sql(
        "UPDATE events SET payload = ?, salts = ? WHERE stream = ? AND seq = ?", *erased(payload, salts, which), *where
    )


def _said(damage: Damage) -> None:
    """An event becomes one that says that something was erased, with every hash after it; nothing is gone."""
    stream, seq = damage.first("TriggerFired", '"trigger":"close"')
    said = {"order": "R-1", "lines": [{"seq": 1, "part": "fields", "name": "phone"}], "files": []}
    damage.rewrite((stream, seq), lambda told: told.update(said), type="ValuesRedacted")


def _hidden(damage: Damage) -> None:
    """The same, and the line is gone, and with it a fact: nobody ordered it, and nobody may."""
    _said(damage)
    where = damage.first("TaskRegistered", "水库1")
    ((payload, salts),) = damage.ask("SELECT payload, salts FROM events WHERE stream = ? AND seq = ?", *where)
    which = {at for at, part, _ in set_apart(payload.split("\n")) if part == "fields"}
    damage.sql(
        "UPDATE events SET payload = ?, salts = ? WHERE stream = ? AND seq = ?", *erased(payload, salts, which), *where
    )


# -- all of them

_LATER = {"last_day": "2022-03-01", "due_at": "2022-03-01T16:00:00.000000Z"}
_NOBODY = {"id": "x", "roles": [], "units": []}
_COPY = "INSERT INTO outbox (task, seq, kind, name, body) SELECT task, seq, kind, name, body FROM outbox LIMIT 1"
_SECOND = """
INSERT INTO editions (process, edition, digest, text, compiled, calendar, published_at)
SELECT process, '2', digest, text, compiled, calendar, published_at FROM editions
"""

_DATABASE = (
    _sql("unreadable", "a header is none", "UPDATE events SET header = '{' WHERE seq = 3"),
    Fault("unreadable", "a payload is none, with a hash that agrees", _unread),
    _sql("database_fault", "a stranger's trigger", "CREATE TRIGGER mine AFTER INSERT ON tasks BEGIN SELECT 1; END"),
    _sql("database_fault", "an index is gone", "DROP INDEX tasks_lists"),
    _sql("database_fault", "a row of nobody's", "INSERT INTO sessions VALUES ('x', 'nobody', 1, 1, 1, '')"),
)
_CHAINS = (
    _sql("hash_broken", "a title is altered", "UPDATE events SET payload = replace(payload, '水库1', '水库9')"),
    _sql("hash_broken", "a salt is altered", "UPDATE events SET salts = 'ff' || substr(salts, 3) WHERE seq = 2"),
    _sql("chain_broken", "an event follows another", "UPDATE events SET prev = hash WHERE seq = 5"),
    _sql("number_broken", "an event is gone", "DELETE FROM events WHERE stream = 'promises-02' AND seq = 4"),
    _sql(
        "number_broken",
        "two tasks change places",
        "UPDATE events SET stream = 'x' WHERE stream = 'promises-02'",
        "UPDATE events SET stream = 'promises-02' WHERE stream = 'promises-03'",
        "UPDATE events SET stream = 'promises-03' WHERE stream = 'x'",
    ),
    _sql(
        "number_broken",
        "two events change places",
        "UPDATE events SET seq = -4 WHERE stream = 'promises-02' AND seq = 4",
        "UPDATE events SET seq = 4 WHERE stream = 'promises-02' AND seq = 5",
        "UPDATE events SET seq = 5 WHERE stream = 'promises-02' AND seq = -4",
    ),
    _sql(
        "number_broken",
        "an event is put in twice",
        "INSERT INTO events SELECT stream, 1000, type, occurred_at, recorded_at, actor, edition, header, payload,"
        " salts, prev, hash FROM events WHERE stream = 'promises-02' AND seq = 4",
    ),
    _sql("column_differs", "another did it", "UPDATE events SET actor = 'zhao' WHERE seq = 4"),
)
_ERASED = (
    Fault("erased_unnamed", "a value is erased without an event", gone),
    Fault("erased_still_there", "an event says that a value was erased", _said),
    Fault("erased_without_right", "a fact is erased", _hidden),
)
_TIMES = (
    _headed("time_runs_back", "recorded earlier", "DeadlineMissed", "", recorded_at="2022-01-19T00:00:00.000000Z"),
    _told(
        "backdated", "an act was earlier", "TriggerFired", '"close"', _set("command", at="2022-03-01T01:00:00.000000Z")
    ),
    _headed("recorded_apart", "half is recorded later", "NoticeRaised", "", recorded_at="2022-01-21T01:00:00.000000Z"),
    _headed("in_the_future", "the year 2999", "TriggerFired", '"close"', recorded_at="2999-01-01T00:00:00.000000Z"),
)
_LAWS = (
    _headed("history_broken", "a task is registered twice", "DeadlineStarted", "", type="TaskRegistered"),
    _headed("cause_missing", "a cause is made up", "NoticeRaised", "", cause="promises-09#1"),
    _told("decided_otherwise", "a date that no calendar gives", "DeadlineStarted", "monthly_report",
          _set("occurrence", **_LATER)),
    _told("decided_otherwise", "another percentage", "TriggerFired", '"report"', _set("form", percent="90")),
    _headed("decided_otherwise", "a notice is taken out", "NoticeRaised", "early-warning", type="DeadlineReminded"),
    _told("not_lawful", "who may not act has acted", "TriggerFired", '"order"', _set("command", actor=_NOBODY)),
    _told("guard_otherwise", "a guard failed that held", "TriggerFired", '"report"', _set("guards", "0", held=False)),
    _told("guard_unknown", "a guard of no edition", "TriggerFired", '"report"', _set("guards", "0", guard="1 > 2")),
    Fault("time_skipped", "a miss and all after it is gone", _cut_off),
    _sql("edition_missing", "an edition is rewritten", "UPDATE editions SET text = text || '# '"),
    _sql("edition_missing", "an edition is gone", "DELETE FROM editions"),
    _told("edition_early", "not in force yet", "EditionPublished", "", _set(in_force_at="2022-02-01T00:00:00.000000Z")),
    _sql("calendar_missing", "a calendar is gone", "DELETE FROM calendars WHERE name = 'cn'"),
    Fault("calendar_not_in_force", "a calendar of the attacker's own", _swap_calendar),
)  # fmt: skip
_TABLES = (
    _sql("row_differs", "a snapshot", "UPDATE tasks SET snapshot = replace(snapshot, '水库3', '水库9')"),
    _sql("row_differs", "a reminder", "UPDATE deadlines SET wake_at = wake_at + 1 WHERE status IS NOT NULL"),
    _sql("row_missing", "a date is gone from the agenda", "DELETE FROM deadlines WHERE task = 'promises-02'"),
    _sql("row_missing", "a span of the board is gone", "DELETE FROM spans WHERE rowid = 3"),
    _sql("row_missing", "a notice is gone", "DELETE FROM outbox WHERE id = 2"),
    _sql("row_stray", "a notice that nothing asks for", _COPY),
    _sql("row_stray", "a facet that nothing gives", "INSERT INTO facets VALUES ('promises-01', 'a', 'b')"),
    _sql("row_stray", "a task without a history", "DELETE FROM events WHERE stream = 'promises-02'"),
    _sql("parcel_silenced", "an order is hushed up", "UPDATE outbox SET done_at = 1 WHERE kind = 'publication'"),
    _sql("answer_unfounded", "an answer speaks of another event",
         "UPDATE keys SET answer = replace(answer, 'promises-01#', 'promises-01#9') WHERE key = 'k9'"),
    _sql("answer_unfounded", "an answer is another state",
         "UPDATE keys SET answer = replace(answer, 'lagging', 'done') WHERE key = 'k1'"),
)  # fmt: skip


def _facts(damage: Damage, change: Callable[[Any], object], **header: Any) -> None:
    """The facts of the first document say something else, and its event the digest that they have now."""
    ((stream, seq, text),) = damage.ask("SELECT stream, seq, facts FROM documents WHERE serial = 1")
    facts = json.loads(text)
    change(facts)
    damage.sql("UPDATE documents SET facts = ? WHERE serial = 1", canonical(facts))
    digest = sha256(canonical(facts).encode()).hexdigest()
    damage.rewrite((stream, seq), _set("document", facts=digest), **header)


def _printed_otherwise(damage: Damage) -> None:
    _facts(damage, _set("zh", "task", "fields", title="另一水库"))


def _read_less(damage: Damage) -> None:
    """The document was made an hour later than it was, from what had been recorded before the last act."""

    def less(facts: Any) -> None:
        facts["basis"]["read"] = [[task, seq - 1] for task, seq in facts["basis"]["read"]]

    _facts(damage, less, recorded_at="2022-01-20T03:00:00.000000Z")


_VOID = "UPDATE documents SET voided_at = NULL, voided_by = NULL, void_reason = NULL"
_BESIDE = (
    _sql("file_altered", "a photograph", "UPDATE files SET content = x'00' WHERE name = 'photo.jpg'"),
    _sql("file_missing", "evidence", "DELETE FROM files WHERE name = 'photo.jpg'"),
    _sql("file_missing", "a document's bytes", "DELETE FROM files WHERE name LIKE '督%2号.docx'"),
    _sql("document_differs", "a void one is good again", _VOID),
    _sql("document_missing", "a document was never entered", "DELETE FROM documents WHERE serial = 2"),
    _sql("document_stray", "a document that nobody issued", "UPDATE documents SET seq = 1 WHERE serial = 3"),
    _sql(
        "facts_altered",
        "what a document was made of",
        "UPDATE documents SET facts = replace(facts, '水库1', '水库9') WHERE serial = 1",
    ),
    _sql("facts_altered", "the basis of a document", "UPDATE documents SET facts = replace(facts, 'since', 'sinse')"),
    _sql("facts_altered", "facts that are no text", "UPDATE documents SET facts = x'00ff' WHERE serial = 1"),
    Fault("facts_otherwise", "a title, its digest fitting", _printed_otherwise),
    _told("facts_unknown", "words of a version to come", "PublicationIssued", '"wording"', _set("document", wording=9)),
    _told("facts_unknown", "words of no version", "PublicationIssued", '"wording"', _set("document", wording="1")),
    Fault("facts_stale", "what had happened was not read", _read_less),
    _told("text_altered", "the words of a publication", "PublicationIssued", "", _set("text", zh="另一段话")),
    _told("number_gap", "a number is skipped", "PublicationIssued", '"serial":2', _set("document", serial=4)),
    _told("number_twice", "a number is used twice", "PublicationIssued", '"serial":2', _set("document", serial=1)),
    _sql("counter_differs", "a counter is set back", "UPDATE numbers SET last = 1 WHERE last > 1"),
    Fault("counter_differs", "a task is gone without a trace", _forget),
    _sql("edition_unpublished", "an edition that nobody published", _SECOND),
    _sql("calendar_altered", "a holiday", "UPDATE calendars SET text = replace(text, '2022-02-0', '2022-03-0')"),
    _sql("calendar_altered", "a calendar's name", "UPDATE calendars SET name = 'us'"),
    _sql("note_differs", "the calendar in force", "DELETE FROM notes WHERE name = 'calendars'"),
)
_DOCUMENT = {
    "publication": "'x'", "series": "'x'", "year": "2021", "number": "'x'", "title": "'x'", "language": "'en'",
    "audience": "'public'", "template": "'x'", "digest": "'x'", "issued_at": "1", "issued_by": "'x'", "voided_at": "1",
    "voided_by": "'x'", "void_reason": "'x'",
}  # fmt: skip
_EDITION = {
    "compiled": "replace(compiled, 'office', 'lead')",
    "digest": "'x'",
    "calendar": "'x'",
    "published_at": "published_at - 9000000",
    "in_force_at": "1",
    "text": "replace(text, '100', '99')",
}
_RIGHTS = (
    "UPDATE holders SET role = 'admin'",
    "DELETE FROM holders WHERE user = 'sun'",
    "UPDATE users SET active = 0",
    "UPDATE users SET mail = 'x@y.example'",
    "UPDATE units SET title = 'x'",
    "UPDATE units SET valid_from = valid_from + 86400000000",
    "UPDATE holders SET valid_to = 1",
    "INSERT INTO tokens VALUES (1, 'x', 'wang', 'mine', '[]', 1, 2, NULL, NULL)",
)


def _columns() -> Iterator[Fault]:
    for name, value in _DOCUMENT.items():
        yield _sql("document_differs", f"{name} of one", f"UPDATE documents SET {name} = {value} WHERE serial = 1")  # noqa: S608
    for name, value in _EDITION.items():
        yield _sql("edition_altered", f"{name} of one", f"UPDATE editions SET {name} = {value}")  # noqa: S608 - ours
    yield from (_sql("rights_differ", said, said) for said in _RIGHTS)


FAULTS = (*_DATABASE, *_CHAINS, *_ERASED, *_TIMES, *_LAWS, *_TABLES, *_BESIDE, *_columns())
