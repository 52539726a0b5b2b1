"""One tree over everything that was recorded, its tiles and its signed heads; what is not in it yet waits.

Revision 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leaves",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="leaves_pkey"),
        sa.UniqueConstraint("stream", "seq", name="leaves_stream_seq_key"),
    )
    op.create_table(
        "trees",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("edge", sa.Text(), nullable=False),
        sa.Column("grown_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tree", name="trees_pkey"),
    )
    op.create_table(
        "tiles",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tree", "number", name="tiles_pkey"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tree", "size", name="checkpoints_pkey"),
    )
    op.create_table(
        "unsealed",
        sa.Column("recorded_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recorded_at", "stream", "seq", name="unsealed_pkey"),
    )
    op.execute("INSERT INTO unsealed (recorded_at, stream, seq) SELECT recorded_at, stream, seq FROM events")


def downgrade() -> None:
    """The tree and its heads are part of the record: they are not dropped."""
    raise NotImplementedError("the fifth revision cannot be undone")
