"""List action items by who owns them, in the order of an index."""

from alembic import op

revision = "20261129_2250"
down_revision = "20261129_2230"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_action_items_owner_key_number", "action_items", ["owner_key", "number"])


def downgrade() -> None:
    op.drop_index("ix_action_items_owner_key_number", "action_items")
