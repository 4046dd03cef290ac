"""Keep the templates that reports begin with."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1428"
down_revision = "20261129_1425"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "templates",
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_by", sa.String(100), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_templates"),
        sa.UniqueConstraint("name_key", name="uq_templates_name_key"),
    )


def downgrade() -> None:
    op.drop_table("templates")
