"""Keep which versions the tables serve, so that one from before goes on beside a newer one."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0901"
down_revision = "20261201_1001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "served_revisions",
        sa.Column("revision", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_served_revisions"),
    )


def downgrade() -> None:
    op.drop_table("served_revisions")
