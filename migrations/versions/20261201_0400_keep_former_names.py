"""Keep which of a person's other names was the account's own, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0400"
down_revision = "20261201_0300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("owner_names", sa.Column("former_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("owner_names") as table:
        table.drop_column("former_since")
