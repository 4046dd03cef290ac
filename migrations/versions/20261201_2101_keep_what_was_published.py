"""Keep the digest of what was sent to an outlet, so that the same is not sent again."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_2101"
down_revision = "20261201_2001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # "" of what was published before: it is sent once more.
    op.add_column("publications", sa.Column("sent", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("publications") as table:
        table.drop_column("sent")
