"""Have a job decide, page by page, which items a changed policy dates anew."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1901"
down_revision = "20261201_1801"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "redates", sa.Column("with_undated", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # None: of those that were saved before this everything is decided.
    op.add_column("redates", sa.Column("decided_to", sa.Integer(), nullable=True))
    op.add_column("redates", sa.Column("decides_to", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("redates") as table:
        for name in ("decides_to", "decided_to", "with_undated"):
            table.drop_column(name)
