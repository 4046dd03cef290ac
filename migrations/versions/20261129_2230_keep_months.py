"""Keep the report of each month as it was when the month was over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_2230"
down_revision = "20261129_2055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_months",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contents", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("told_up_to", sa.Integer, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("month", name="pk_kept_months"),
    )
    op.create_index("ix_kept_months_told_at", "kept_months", ["told_at"])


def downgrade() -> None:
    op.drop_table("kept_months")
