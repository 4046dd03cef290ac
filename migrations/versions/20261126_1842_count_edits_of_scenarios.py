"""Count the edits of a scenario, so that of two who edit at once the second notices."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1842"
down_revision = "20261126_1830"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scenarios", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("scenarios", "revision")
