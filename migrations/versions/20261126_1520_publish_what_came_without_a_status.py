"""Publish what was imported without a status; what is marked as a draft stays one."""

from alembic import op

revision = "20261126_1520"
down_revision = "20261126_1514"
branch_labels = None
depends_on = None

UNSAID = """
    status_stated = false AND CAST(extra AS TEXT) NOT LIKE '%["draft", "true"]%'
    AND id IN (SELECT incident_id FROM sources WHERE name NOT LIKE '%\\_drafts/%' ESCAPE '\\')
"""


def upgrade() -> None:
    op.execute(
        "UPDATE incidents SET status = 'published', published_at = COALESCE(published_at, created_at) "
        f"WHERE status = 'draft' AND {UNSAID}"
    )


def downgrade() -> None:
    op.execute(f"UPDATE incidents SET status = 'draft', published_at = NULL WHERE {UNSAID}")
