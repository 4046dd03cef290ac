"""Keep what processes count, for metrics."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0801"
down_revision = "20261201_0600"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "process_counts",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("labels", sa.String(320), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "labels", name=op.f("pk_process_counts")),
    )


def downgrade() -> None:
    op.drop_table("process_counts")
