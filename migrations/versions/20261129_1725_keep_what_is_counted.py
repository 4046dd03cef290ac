"""Keep what reports count: a tally of each incident, the sums of them, and indexes for what is open."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_1725"
down_revision = "20261129_1720"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("incident_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("occurred_on", sa.Date, nullable=False),
        sa.Column("is_restricted", sa.Boolean, nullable=False),
        sa.Column("coverage", sa.String(20), nullable=False),
        *(
            sa.Column(name, JSON, nullable=False)
            for name in ("blocking", "kinds", "noticing", "drilled", "targets")
        ),
        sa.Column("scenarios", sa.Integer, nullable=False),
        sa.Column("could_recur", sa.Boolean, nullable=False),
        sa.Column("has_scenario", sa.Boolean, nullable=False),
        sa.Column("open_fixes", sa.Integer, nullable=False),
        sa.Column("unproven_fixes", sa.Integer, nullable=False),
        sa.Column("counted", JSON, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_tallies"),
    )
    op.create_table(
        "tally_sums",
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("name", sa.String(401), nullable=False),
        sa.Column("part", sa.String(401), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("what", "name", "part", name="pk_tally_sums"),
    )
    op.create_table(
        "tally_targets",
        sa.Column("incident_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("target", sa.String(401), nullable=False),
        sa.Column("coverage", sa.String(20), nullable=False),
        sa.Column("occurred_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "target", name="pk_tally_targets"),
    )
    op.create_table(
        "tally_guards",
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("slug", "incident_id", name="pk_tally_guards"),
    )
    for table, *columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


# They are filled when all steps are taken, by `env.py`.
INDEXES = (
    ("tallies", "occurred_on", "incident_id"),
    ("tallies", "coverage", "occurred_on", "incident_id"),
    ("tallies", "could_recur", "occurred_on", "incident_id"),
    ("tallies", "is_restricted", "incident_id"),
    ("tally_targets", "target", "occurred_on", "incident_id"),
    ("tally_targets", "target", "coverage", "occurred_on", "incident_id"),
    ("tally_guards", "incident_id"),
    ("incidents", "status", "occurred_on", "id"),
)


def downgrade() -> None:
    op.drop_index("ix_incidents_status_occurred_on_id", "incidents")
    for table in ("tally_guards", "tally_targets", "tally_sums", "tallies"):
        op.drop_table(table)
