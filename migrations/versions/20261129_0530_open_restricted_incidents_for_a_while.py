"""Let an admin look into a restricted incident for a while."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0530"
down_revision = "20261126_1915"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("admitted", sa.Column("until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # Without its end it would be a name like the others.
    op.execute("DELETE FROM admitted WHERE until IS NOT NULL")
    op.drop_column("admitted", "until")
