"""Lease duties, so that another worker takes over from one that died."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1430"
down_revision = "20261123_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("duties") as duties:
        duties.add_column(sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
        duties.add_column(sa.Column("holder", sa.String(length=100), nullable=False, server_default=""))
    with op.batch_alter_table("duties") as duties:
        duties.alter_column("holder", existing_type=sa.String(length=100), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("duties") as duties:
        duties.drop_column("holder")
        duties.drop_column("leased_until")
