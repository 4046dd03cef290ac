"""Claim a request while it is answered."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1455"
down_revision = "20261126_1450"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("asked_by", "idempotency_key", name=op.f("pk_claims")),
    )


def downgrade() -> None:
    op.drop_table("claims")
