"""Find the process fixes that were done last without looking at all that were."""

from alembic import op

revision = "20261129_2310"
down_revision = "20261129_2302"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_action_items_status_kind_closed_at", "action_items", ["status", "kind", "closed_at"])


def downgrade() -> None:
    op.drop_index("ix_action_items_status_kind_closed_at", "action_items")
