"""Review a report before it is published, or skip it with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1345"
down_revision = "20261129_1340"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "review_requests",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.String(100), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        _of_incident("review_requests"),
        sa.PrimaryKeyConstraint("incident_id", "reviewer", name="pk_review_requests"),
    )
    op.create_index("ix_review_requests_reviewer", "review_requests", ["reviewer"])
    op.create_table(
        "approvals",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _of_incident("approvals"),
        sa.PrimaryKeyConstraint("incident_id", "name", name="pk_approvals"),
    )
    op.create_table(
        "skipped_reports",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _of_incident("skipped_reports"),
        sa.PrimaryKeyConstraint("incident_id", name="pk_skipped_reports"),
    )
    op.create_table(
        "publish_rules",
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("severity", name="pk_publish_rules"),
    )


def _of_incident(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_incident_id_incidents"
    return sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("publish_rules", "skipped_reports", "approvals", "review_requests"):
        op.drop_table(table)
