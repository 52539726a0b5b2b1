"""The first schema: events, what is projected from them, and what is kept beside them.

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _events()
    _tasks()
    _deadlines()
    _spans()
    _outbox()
    _editions()
    _calendars()
    _files()
    _keys()
    _numbers()
    _notes()


def downgrade() -> None:
    """There is nothing before the first revision: dropping the events is no migration."""
    raise NotImplementedError("the first revision cannot be undone")


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("salts", sa.Text(), nullable=False),
        sa.Column("prev", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name="events_pkey"),
    )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("part_of", sa.Text(), nullable=True),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("last_hash", sa.Text(), nullable=False),
        sa.Column("last_recorded_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("span_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("span_known", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("span_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="tasks_pkey"),
    )
    op.create_index("tasks_family", "tasks", ["root", "ended"], unique=False)
    op.create_index("tasks_part_of", "tasks", ["part_of"], unique=False)
    op.create_index("tasks_process", "tasks", ["process"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("tasks_board", "tasks", ["id", "process", "kind", "part_of"], unique=False)


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("wake_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("last_day", sa.Text(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="deadlines_task_fkey"),
        sa.PrimaryKeyConstraint("task", "name", "key", name="deadlines_pkey"),
    )
    op.create_index("deadlines_wake", "deadlines", ["wake_at", "root"], unique=False)


def _spans() -> None:
    op.create_table(
        "spans",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_to", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("over_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("signal", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("spans_valid_check")),
        sa.CheckConstraint("known_from < known_to", name=op.f("spans_known_check")),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="spans_task_fkey"),
        sa.PrimaryKeyConstraint("task", "valid_from", "known_from", name="spans_pkey"),
    )
    times = ["over_at", "valid_from", "valid_to", "known_from", "known_to", "closed_at"]
    if op.get_bind().dialect.name == "sqlite":
        shown = ["task", "state", "signal", "title", "unit", "ended"]
        op.create_index("spans_board", "spans", [*times, *shown], unique=False)
    else:
        op.create_index("spans_as_of", "spans", times, unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["task"], ["tasks.id"], name="outbox_task_fkey"),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_index("outbox_waiting", "outbox", ["done_at", "id"], unique=False)


def _editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("compiled", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="editions_pkey"),
        sa.UniqueConstraint("process", "edition", name="editions_process_edition_key"),
    )


def _calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="calendars_pkey"),
    )


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="files_pkey"),
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="keys_pkey"),
    )


def _numbers() -> None:
    op.create_table(
        "numbers",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name="numbers_pkey"),
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="notes_pkey"),
    )
