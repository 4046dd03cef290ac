"""Keep from where audit events come, and what retention left of them."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0601"
down_revision = "20261201_0400"
branch_labels = None
depends_on = None

ADDED = {
    "events": {"way": sa.String(10), "credential": sa.String(30), "address": sa.String(45)},
    "event_seals": {"addresses": sa.String(64), "salt": sa.String(32)},
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default=""))
    op.add_column(
        "event_seals", sa.Column("is_emptied", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    # What was sealed with these columns no longer verifies.
    op.execute(sa.text("DELETE FROM event_seals"))
    with op.batch_alter_table("event_seals") as table:
        table.drop_column("is_emptied")
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.drop_column(name)
