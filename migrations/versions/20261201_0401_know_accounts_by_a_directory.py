"""Know accounts and teams by what the company's directory calls them."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0401"
down_revision = "20261201_0802"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("users", "teams"):
        op.add_column(table, sa.Column("external_id", sa.String(255)))
        op.create_index(f"ix_{table}_external_id", table, ["external_id"])
    op.add_column("users", sa.Column("unlisted_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for table in ("users", "teams"):
        op.drop_index(f"ix_{table}_external_id", table)
        op.drop_column(table, "external_id")
    op.drop_column("users", "unlisted_since")
