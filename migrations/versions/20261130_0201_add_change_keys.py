"""Keep the keys under which assistants changed something, so that nothing is done twice."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0201"
down_revision = "20261130_0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "change_keys",
        sa.Column("sent_by", sa.String(100), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sent_by", "key", name="pk_change_keys"),
    )
    op.create_index("ix_change_keys_done_at", "change_keys", ["done_at"])


def downgrade() -> None:
    op.drop_table("change_keys")
