"""The tables of the office: people and their rights, documents, deliveries, and jobs.

Rows here are what is true now; what was done to people, units and rights, and each delivery, stands in chained streams
beside the tasks' (`streams.py`). Secrets are kept as digests only.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint

from storage.tables import _instant, _text, metadata


def _user(name: str = "user", *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Text, ForeignKey("users.id"), primary_key=primary_key, nullable=nullable)


def _serial() -> Column[int]:
    return Column("id", Integer, Identity(), primary_key=True)


units = Table(
    "units",
    metadata,
    _text("id", primary_key=True),
    _text("title"),
    _text("title_en", nullable=True),
    _text("level"),
    _text("over", nullable=True),
    _instant("valid_from"),
    _instant("valid_to", nullable=True),
    # The unit that took its open work over; history keeps the old name.
    _text("successor", nullable=True),
    Index("units_successor", "successor"),
)

users = Table(
    "users",
    metadata,
    _text("id", primary_key=True),
    _text("name"),
    _text("language"),
    _text("mail", nullable=True),
    # Other ways to reach them, as addresses of chats or webhooks: a JSON list.
    _text("channels"),
    _text("password", nullable=True),
    _text("subject", nullable=True),
    Column("active", Boolean, nullable=False),
    _instant("created_at"),
    UniqueConstraint("subject"),
)

holders = Table(
    "holders",
    metadata,
    _serial(),
    _user(),
    _text("role"),
    _text("process"),
    _text("unit", nullable=True),
    _instant("valid_from"),
    _instant("valid_to", nullable=True),
    _user("deputy_for", nullable=True),
    Index("holders_user", "user"),
    Index("holders_role", "role", "process", "unit"),
)

sessions = Table(
    "sessions",
    metadata,
    _text("digest", primary_key=True),
    _user(),
    _instant("began_at"),
    _instant("seen_at"),
    _instant("ends_at"),
    _text("agent"),
    Index("sessions_user", "user"),
)

tokens = Table(
    "tokens",
    metadata,
    _serial(),
    _text("digest"),
    _user(),
    _text("name"),
    _text("scopes"),
    _instant("created_at"),
    _instant("ends_at"),
    _instant("used_at", nullable=True),
    _instant("revoked_at", nullable=True),
    UniqueConstraint("digest"),
    Index("tokens_user", "user"),
)

failures = Table(
    "failures",
    metadata,
    _text("subject", primary_key=True),
    Column("count", Integer, nullable=False),
    _instant("last_at"),
    _instant("until"),
)

views = Table(
    "views",
    metadata,
    _serial(),
    _user(),
    _text("page"),
    _text("name"),
    _text("query"),
    UniqueConstraint("user", "page", "name"),
)

parties = Table(
    "parties",
    metadata,
    Column("task", Text, ForeignKey("tasks.id"), primary_key=True, nullable=False),
    _text("unit", primary_key=True),
    Index("parties_unit", "unit", "task"),
)
"""The units that a task names itself; whoever names a task above it sees it too."""

facets = Table(
    "facets",
    metadata,
    Column("task", Text, ForeignKey("tasks.id"), primary_key=True, nullable=False),
    _text("name", primary_key=True),
    _text("value"),
    Index("facets_value", "name", "value", "task"),
)

documents = Table(
    "documents",
    metadata,
    _serial(),
    _text("stream"),
    Column("seq", Integer, nullable=False),
    _text("publication"),
    _text("series"),
    Column("year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    _text("number"),
    _text("title"),
    _text("language"),
    _text("audience"),
    _text("template"),
    _text("digest"),
    _text("facts"),
    _instant("issued_at"),
    _text("issued_by"),
    _instant("voided_at", nullable=True),
    _text("voided_by", nullable=True),
    _text("void_reason", nullable=True),
    UniqueConstraint("series", "year", "serial"),
    Index("documents_stream", "stream", "seq"),
)

templates = Table(
    "templates",
    metadata,
    _serial(),
    _text("process"),
    _text("name"),
    _text("digest"),
    _text("kept_by"),
    _instant("kept_at"),
    Index("templates_name", "process", "name"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _serial(),
    Column("parcel", Integer, ForeignKey("outbox.id"), nullable=False),
    _user("recipient"),
    _text("channel"),
    _text("address"),
    # The opening that it waits for, if any: what waits for the same one goes out as one message.
    _instant("opening", nullable=True),
    _text("subject"),
    _text("text"),
    # Stays the same however often it is sent; deliveries of one message share it.
    _text("message_id"),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    _instant("next_at"),
    _instant("leased_until", nullable=True),
    _instant("sent_at", nullable=True),
    _text("error", nullable=True),
    UniqueConstraint("parcel", "recipient", "channel", "address"),
    Index("deliveries_waiting", "state", "next_at"),
    Index("deliveries_message", "message_id"),
)

jobs = Table(
    "jobs",
    metadata,
    _text("id", primary_key=True),
    _text("kind"),
    _user("asked_by", nullable=True),
    _instant("asked_at"),
    _text("body"),
    _text("state"),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("cancel", Boolean, nullable=False),
    _instant("began_at", nullable=True),
    _instant("ended_at", nullable=True),
    _text("result", nullable=True),
    # Who runs it, how often somebody began to, and how many died of it since it last went on.
    _text("worker", nullable=True),
    Column("tries", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Index("jobs_state", "state", "asked_at"),
)

workers = Table(
    "workers",
    metadata,
    _text("id", primary_key=True),
    _text("host"),
    _instant("began_at"),
    _instant("seen_at"),
    # Somebody is taking over what it left, until then.
    _instant("heir_until", nullable=True),
)

fates = Table(
    "fates",
    metadata,
    Column("job", Text, ForeignKey("jobs.id"), primary_key=True, nullable=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    _text("subject"),
    _text("fate"),
    _text("detail"),
)

receipts = Table(
    "receipts",
    metadata,
    _text("digest", primary_key=True),
    _text("task"),
    _instant("made_at"),
)
