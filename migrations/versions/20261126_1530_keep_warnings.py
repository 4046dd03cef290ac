"""Keep what is odd about an incident's document until somebody dismisses it."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1530"
down_revision = "20261126_1545"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident_warnings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("in_file", sa.Boolean(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_incident_warnings_incident_id_incidents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_warnings")),
        sa.UniqueConstraint("incident_id", "key", name=op.f("uq_incident_warnings_incident_id_key")),
    )


def downgrade() -> None:
    op.drop_table("incident_warnings")
