"""The tables, said once. Migrations lead to exactly this (a test compares them); `sql.py` speaks to it.

Instants are microseconds since 1970 (`instants.py`). An event's header is the truth of what was recorded, for it is
what the chain proves; the columns beside it are there to search by. Everything but events, outbox, keys, numbers,
editions, calendars, files, notes and the tree with its heads can be built again from the events.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

VERSION_TABLE = "duban_version"
"""Where the schema's revision stands. A database without it is not ours; others may keep tables beside ours."""

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=primary_key, nullable=nullable)


def _instant(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=primary_key, nullable=nullable, autoincrement=False)


def _task(*, primary_key: bool = False) -> Column[str]:
    return Column("task", Text, ForeignKey("tasks.id"), primary_key=primary_key, nullable=False)


def _only(dialect: str, name: str, *columns: str) -> Index:
    """An index of one database alone: its `info` says of which, its DDL is left out elsewhere."""
    return Index(name, *columns, info={"dialect": dialect}).ddl_if(dialect=dialect)


events = Table(
    "events",
    metadata,
    _text("stream", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("type"),
    _instant("occurred_at"),
    _instant("recorded_at"),
    _text("actor"),
    _text("edition"),
    _text("header"),
    _text("payload"),
    _text("salts"),
    _text("prev"),
    _text("hash"),
)

_OWED = ("task", "who", "due_at", "name", "key", "status")
_LISTED = (
    "kind",
    "process",
    "state",
    "signal",
    "unit",
    "heading",
    "late",
    "ended",
    "due_at",
    "part_of",
    "edition",
    "id",
)

tasks = Table(
    "tasks",
    metadata,
    _text("id", primary_key=True),
    _text("root"),
    _text("parent", nullable=True),
    _text("part_of", nullable=True),
    _text("process"),
    _text("edition"),
    _text("kind"),
    _text("state"),
    _text("signal", nullable=True),
    Column("ended", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    _text("title", nullable=True),
    _text("unit", nullable=True),
    _text("snapshot"),
    # What the next append needs to know, so that it reads no event and no span.
    _text("last_hash"),
    _instant("last_recorded_at"),
    _instant("span_from"),
    _instant("span_known"),
    Column("span_seq", Integer, nullable=False),
    # By what lists put and order it: the value of its heading, when it owes something next, and whether it has missed
    # something that is still owed. They follow from the snapshot.
    _text("heading", nullable=True),
    _instant("due_at", nullable=True),
    Column("late", Boolean, nullable=False, server_default=false()),
    Index("tasks_family", "root", "ended"),
    Index("tasks_process", "process"),
    Index("tasks_part_of", "part_of"),
    Index("tasks_parent", "parent"),
    # Lists are filtered, ordered and counted from it alone: rows are wide, for a snapshot stands in them.
    _only("sqlite", "tasks_lists", *_LISTED, "title"),
    _only("postgresql", "tasks_listed", *_LISTED),
    Index("tasks_due", "kind", "process", "due_at", "id"),
    _only("sqlite", "tasks_board", "id", "process", "kind", "part_of"),
)

deadlines = Table(
    "deadlines",
    metadata,
    _task(primary_key=True),
    _text("name", primary_key=True),
    _text("key", primary_key=True),
    _text("root"),
    _instant("wake_at", nullable=True),
    # Those of an occurrence that somebody still owes; a mere wake, as of a light, has none.
    _text("who", nullable=True),
    _text("status", nullable=True),
    _instant("due_at", nullable=True),
    _text("last_day", nullable=True),
    Column("provisional", Boolean, nullable=False),
    Index("deadlines_wake", "wake_at", "root"),
    # What somebody owes is found from it alone: a task has many deadlines and owes few of them.
    Index(
        "deadlines_owed", *_OWED, sqlite_where=text("status IS NOT NULL"), postgresql_where=text("status IS NOT NULL")
    ),
)

_TIMES = ("over_at", "valid_from", "valid_to", "known_from", "known_to", "closed_at")

spans = Table(
    "spans",
    metadata,
    _task(primary_key=True),
    _instant("valid_from", primary_key=True),
    _instant("known_from", primary_key=True),
    _instant("valid_to"),
    _instant("known_to"),
    _instant("closed_at"),
    _instant("over_at"),
    _text("state"),
    _text("signal", nullable=True),
    _text("title", nullable=True),
    _text("unit", nullable=True),
    Column("ended", Boolean, nullable=False),
    Column("seq", Integer, nullable=False),
    CheckConstraint("valid_from < valid_to", name="valid"),
    CheckConstraint("known_from < known_to", name="known"),
    # SQLite answers from the index alone. PostgreSQL would refuse a title that is longer than a third of a page.
    _only("sqlite", "spans_board", *_TIMES, "task", "state", "signal", "title", "unit", "ended"),
    _only("postgresql", "spans_as_of", *_TIMES),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _task(),
    Column("seq", Integer, nullable=False),
    _text("kind"),
    _text("name"),
    _text("body"),
    _instant("done_at", nullable=True),
    Index("outbox_waiting", "done_at", "id"),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    _text("process"),
    _text("edition"),
    _text("digest"),
    _text("text"),
    _text("compiled"),
    _text("calendar"),
    _instant("published_at"),
    _instant("in_force_at", nullable=True),  # None: from its publication on
    UniqueConstraint("process", "edition"),
)

calendars = Table("calendars", metadata, _text("digest", primary_key=True), _text("name"), _text("text"))

files = Table(
    "files",
    metadata,
    _text("digest", primary_key=True),
    _text("name"),
    Column("content", LargeBinary, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    _text("actor", primary_key=True),
    _text("key", primary_key=True),
    _text("request"),
    _text("answer"),
    _instant("answered_at"),
)

numbers = Table(
    "numbers",
    metadata,
    _text("series", primary_key=True),
    Column("last", Integer, nullable=False),
)

notes = Table("notes", metadata, _text("name", primary_key=True), _text("value"))

# The tree over all chains (`engine/tree.py`, `storage/log.py`). A transaction that records an event writes it down in
# `unsealed` too; the sequencer takes it from there, so that no clock and no order of commits is relied on.

unsealed = Table(
    "unsealed",
    metadata,
    _instant("recorded_at", primary_key=True),
    _text("stream", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
)

leaves = Table(
    "leaves",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _text("stream"),
    Column("seq", Integer, nullable=False),
    _text("hash"),
    UniqueConstraint("stream", "seq"),
)

trees = Table(
    "trees",
    metadata,
    _text("tree", primary_key=True),  # the name of its hash
    Column("size", BigInteger, nullable=False),
    _text("edge"),
    _instant("grown_at"),
)

tiles = Table(
    "tiles",
    metadata,
    _text("tree", primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _text("root"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _text("tree", primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    _text("note"),
    _instant("signed_at"),
)
