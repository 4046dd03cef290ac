"""Keep what the guards of a target said last, so that a decision stores what is new."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_2001"
down_revision = "20261201_1901"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "last_said",
        sa.Column("target", sa.String(201), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("target", "is_dry_run", name="pk_last_said"),
    )


def downgrade() -> None:
    op.drop_table("last_said")
