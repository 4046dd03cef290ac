"""Index audit events by who, to what and when."""

from alembic import op

revision = "20261201_0602"
down_revision = "20261201_0700"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_events_actor_id": ["actor", "id"],
    "ix_events_subject_id": ["subject", "id"],
    "ix_events_at_id": ["at", "id"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "events", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(op.f(name), table_name="events")
