"""Keep what happened although it should not: deploys without a decision, errors that let a deploy pass."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1514"
down_revision = "20261126_1512"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("guard", sa.String(length=100), nullable=False),
        sa.Column("artifact", sa.String(length=200), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('bypass', 'allowed_on_error')", name=op.f("ck_findings_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_target_id"), "findings", ["target", "id"])


def downgrade() -> None:
    op.drop_table("findings")
