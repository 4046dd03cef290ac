"""Keep what the gate itself said to bad deploys that were asked for as drills."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1915"
down_revision = "20261126_1925"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_drills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("is_as_expected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scenario_id"],
            ["scenarios.id"],
            name=op.f("fk_live_drills_scenario_id_scenarios"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_drills")),
    )
    op.create_index(op.f("ix_live_drills_scenario_id_id"), "live_drills", ["scenario_id", "id"])


def downgrade() -> None:
    op.drop_table("live_drills")
