"""Count what is kept for reports anew: process fixes by severity and service are among it now.

`env.py` fills the emptied tables when all steps are taken, and so it does after a step back.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201_1101"
down_revision = "20261201_1003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _empty()
    sliced = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("tallies", sa.Column("sliced", sliced, nullable=False, server_default="{}"))


def downgrade() -> None:
    # Whoever counts after this does not know the sums of slices, and would keep them as they are.
    _empty()
    with op.batch_alter_table("tallies") as tallies:
        tallies.drop_column("sliced")


def _empty() -> None:
    for table in ("tally_guards", "tally_targets", "tally_sums", "tallies"):
        op.execute(f"DELETE FROM {table}")
