"""Keep what people say of blocks: whether they stopped a real problem."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1612"
down_revision = "20261126_1547"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmations",
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("guard", sa.String(length=100), nullable=False),
        sa.Column("is_real", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
            name=op.f("fk_confirmations_decision_id_decisions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("decision_id", "guard", name=op.f("pk_confirmations")),
    )


def downgrade() -> None:
    op.drop_table("confirmations")
