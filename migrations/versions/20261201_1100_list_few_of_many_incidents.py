"""Index incidents by severity, by when they were published, those that repeat another or name no service."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1100"
down_revision = "20261201_1701"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_incidents_severity_occurred_on_id": ["severity", "occurred_on", "id"],
    "ix_incidents_status_published_at_id": ["status", "published_at", "id"],
}
PARTS = {
    "ix_incidents_no_service": (["id"], sa.text("CAST(services AS TEXT) = '[]'")),
    "ix_incidents_repeats": (["occurred_on", "id"], sa.text("recurrence_of != ''")),
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "incidents", columns)
    for name, (columns, which) in PARTS.items():
        op.create_index(name, "incidents", columns, sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    for name in (*PARTS, *INDEXES):
        op.drop_index(op.f(name), table_name="incidents")
