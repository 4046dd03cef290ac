"""Know CI jobs by their signed identity."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_0900"
down_revision = "20261126_1440"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "ci_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("claims", JSON, nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ci_identities")),
        sa.UniqueConstraint("name", name=op.f("uq_ci_identities_name")),
    )
    op.create_index(op.f("ix_ci_identities_issuer"), "ci_identities", ["issuer"])
    op.create_table(
        "issuer_keys",
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("keys", JSON, nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_issuer_keys")),
    )


def downgrade() -> None:
    op.drop_table("issuer_keys")
    op.drop_table("ci_identities")
