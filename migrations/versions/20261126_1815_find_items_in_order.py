"""Find the items of one status and kind in the order in which they are due."""

from alembic import op

revision = "20261126_1815"
down_revision = "20261126_1702"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_action_items_status_kind_due_number", "action_items", ["status", "kind", "due", "number"]
    )
    op.drop_index("ix_action_items_status_kind_number", "action_items")


def downgrade() -> None:
    op.create_index("ix_action_items_status_kind_number", "action_items", ["status", "kind", "number"])
    op.drop_index("ix_action_items_status_kind_due_number", "action_items")
