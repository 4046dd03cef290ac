"""Keep which items wait for one that has not been imported yet."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0239"
down_revision = "20261130_0210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "awaited_blockers",
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "number", name="pk_awaited_blockers"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["action_items.id"],
            name="fk_awaited_blockers_item_id_action_items",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_awaited_blockers_number", "awaited_blockers", ["number"])


def downgrade() -> None:
    op.drop_table("awaited_blockers")
