"""Add saved views of the list of action items, and which one somebody's list begins with."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_2252"
down_revision = "20261129_2250"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.UniqueConstraint("user_id", "name", name="uq_saved_views_user_id_name"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_saved_views_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_saved_views_is_shared_id", "saved_views", ["is_shared", "id"])
    op.create_table(
        "default_views",
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("view_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_default_views"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_default_views_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name="fk_default_views_view_id_saved_views", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_default_views_view_id", "default_views", ["view_id"])


def downgrade() -> None:
    op.drop_table("default_views")
    op.drop_table("saved_views")
