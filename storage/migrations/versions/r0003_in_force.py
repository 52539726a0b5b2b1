"""Editions come into force from a date: what is published already is in force from its publication on.

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("editions", sa.Column("in_force_at", sa.BigInteger(), autoincrement=False, nullable=True))


def downgrade() -> None:
    """From when an edition is in force is part of the record: it is not dropped."""
    raise NotImplementedError("the third revision cannot be undone")
