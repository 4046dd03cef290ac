"""Keep with an action item what shows that it is done."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_2300"
down_revision = "20261129_2256"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("action_items", sa.Column("evidence", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("action_items", "evidence")
