"""Know which browsers were signed in by a one-time link."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0855"
down_revision = "20261129_0845"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of those who are signed in we do not know: they are asked for their password as before.
    op.add_column(
        "browser_sessions", sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("browser_sessions", "by_link")
