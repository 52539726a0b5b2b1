"""By what lists put and order a task stands in its row: its heading, what it owes next, whether it is late.

Revision 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LISTED = [
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
]
OWED = ["task", "who", "due_at", "name", "key", "status"]

FILLED = """
UPDATE tasks SET
  heading = (SELECT f.value FROM facets f WHERE f.task = tasks.id
                AND f.name IN ('headquarters', 'category', 'sector', 'topic')
              ORDER BY CASE f.name WHEN 'headquarters' THEN 0 WHEN 'category' THEN 1 WHEN 'sector' THEN 2 ELSE 3 END
              LIMIT 1),
  due_at = (SELECT min(d.due_at) FROM deadlines d WHERE d.task = tasks.id AND d.status IS NOT NULL),
  late = EXISTS (SELECT 1 FROM deadlines d WHERE d.task = tasks.id AND d.status = 'missed')
"""
"""A heading of another name is found by who upgrades, who reads the definitions (`workflows/lists/filling.py`)."""


def upgrade() -> None:
    op.add_column("tasks", sa.Column("heading", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=True))
    op.add_column("tasks", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(FILLED)
    where = sa.text("status IS NOT NULL")
    op.create_index("deadlines_owed", "deadlines", OWED, sqlite_where=where, postgresql_where=where)
    op.create_index("tasks_due", "tasks", ["kind", "process", "due_at", "id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("tasks_lists", "tasks")
        op.create_index("tasks_lists", "tasks", [*LISTED, "title"], unique=False)
    else:  # which would refuse a title that is longer than a third of a page
        op.drop_index("tasks_listed", "tasks")
        op.create_index("tasks_listed", "tasks", LISTED, unique=False)


def downgrade() -> None:
    """Nothing needs the columns but lists: they follow from the tasks."""
    raise NotImplementedError("the fourth revision cannot be undone")
