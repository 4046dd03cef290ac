"""Mail links to whom is invited, and to who forgot their password."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0520"
down_revision = "20261201_1002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('invitation', 'reset')", name="ck_mailed_links_purpose"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_mailed_links_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mailed_links"),
    )
    op.create_index("ix_mailed_links_user_id", "mailed_links", ["user_id"])


def downgrade() -> None:
    op.drop_table("mailed_links")
