"""Merge one action item into another, so that it can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_2301"
down_revision = "20261129_2300"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "item_merges",
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("into_id", sa.Integer, nullable=False),
        sa.Column("carried", Json, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("reopened_at", Instant),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_item_merges"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["action_items.id"], name="fk_item_merges_item_id_action_items", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["action_items.id"], name="fk_item_merges_into_id_action_items", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_item_merges_into_id", "item_merges", ["into_id"])


def downgrade() -> None:
    op.drop_table("item_merges")
