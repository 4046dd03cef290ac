"""Tell who edits an incident at this moment."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1425"
down_revision = "20261129_1420"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_presences_incident_id_incidents"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_presences_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident_id", "user_id", name=op.f("pk_presences")),
    )
    op.create_index(op.f("ix_presences_user_id"), "presences", ["user_id"])
    op.create_index(op.f("ix_presences_seen_at"), "presences", ["seen_at"])


def downgrade() -> None:
    op.drop_table("presences")
