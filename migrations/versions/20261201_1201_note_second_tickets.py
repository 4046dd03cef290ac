"""Note of a ticket that there is a second issue with its mark."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1201"
down_revision = "20261201_1101"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("twin", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("tickets") as table:
        table.drop_column("twin")
