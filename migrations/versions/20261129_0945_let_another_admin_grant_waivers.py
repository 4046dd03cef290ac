"""Let another admin grant a waiver or a pause."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0945"
down_revision = "20261129_0855"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("waivers", sa.Column("granted_by", sa.String(100), nullable=False, server_default=""))
    # What counted until now goes on counting.
    op.execute("UPDATE waivers SET granted_by = made_by")


def downgrade() -> None:
    # Without the column all of them count, and those that wait must not.
    op.execute("UPDATE waivers SET ended_by = made_by WHERE granted_by = '' AND ended_by = ''")
    op.drop_column("waivers", "granted_by")
