"""Read lists of items in the order of an index, whatever they are filtered by."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1745"
down_revision = "20261129_1725"
branch_labels = None
depends_on = None

ORDER = ["due", "number"]


def upgrade() -> None:
    op.create_index("ix_action_items_status_due_number", "action_items", ["status", *ORDER])
    op.create_index(
        "ix_action_items_owner_key_status_due_number", "action_items", ["owner_key", "status", *ORDER]
    )
    op.drop_index("ix_action_items_owner_key_status", "action_items")
    _partial("priority_status_due_number", ["priority", "status", *ORDER], "priority != ''")
    _partial("reopened", ["status", *ORDER], "reopened_at IS NOT NULL")
    op.create_index("ix_action_items_opened_at", "action_items", ["opened_at"])
    op.create_index("ix_action_items_closed_at", "action_items", ["closed_at"])


def _partial(name: str, columns: list[str], which: str) -> None:
    where = sa.text(which)
    op.create_index(
        f"ix_action_items_{name}", "action_items", columns, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    op.create_index("ix_action_items_owner_key_status", "action_items", ["owner_key", "status"])
    for name in (
        "closed_at",
        "opened_at",
        "reopened",
        "priority_status_due_number",
        "owner_key_status_due_number",
        "status_due_number",
    ):
        op.drop_index(f"ix_action_items_{name}", "action_items")
