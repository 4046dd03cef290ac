"""Know timeline entries by the keys under which they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1405"
down_revision = "20261129_1400"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note_keys",
        sa.Column("sent_by", sa.String(100), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(40), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sent_by", "key", name="pk_note_keys"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name="fk_note_keys_incident_id_incidents", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_note_keys_incident_id", "note_keys", ["incident_id"])
    op.create_index("ix_note_keys_noted_at", "note_keys", ["noted_at"])


def downgrade() -> None:
    op.drop_table("note_keys")
