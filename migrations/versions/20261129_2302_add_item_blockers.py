"""Say which action items wait for which."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_2302"
down_revision = "20261129_2301"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "item_blockers",
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("blocker_id", sa.Integer, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "blocker_id", name="pk_item_blockers"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["action_items.id"], name="fk_item_blockers_item_id_action_items", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"],
            ["action_items.id"],
            name="fk_item_blockers_blocker_id_action_items",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_item_blockers_blocker_id", "item_blockers", ["blocker_id"])


def downgrade() -> None:
    op.drop_table("item_blockers")
