"""Know which browser a session is of, from where, how it was opened and when it was seen last."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0530"
down_revision = "20261201_0520"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, size in (("device", 60), ("address", 45), ("way", 20)):
        op.add_column("browser_sessions", sa.Column(name, sa.String(size), nullable=False, server_default=""))
    op.add_column("browser_sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("browser_sessions") as table:
        for name in ("last_seen_at", "way", "address", "device"):
            table.drop_column(name)
