"""Count what is kept for reports anew: process fixes by team are among it now, and lists by service and team.

`env.py` fills the emptied tables when all steps are taken, and so it does after a step back.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201_1701"
down_revision = "20261201_1501"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _empty()
    places = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("tallies", sa.Column("severity", sa.String(20), nullable=False, server_default=""))
    op.add_column("tallies", sa.Column("places", places, nullable=False, server_default="[]"))
    op.create_table(
        "tally_places",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(402), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "place", name="pk_tally_places"),
    )
    op.create_index(
        "ix_tally_places_place_occurred_on_incident_id",
        "tally_places",
        ["place", "occurred_on", "incident_id"],
    )
    op.create_index(
        "ix_tally_places_place_severity_occurred_on_incident_id",
        "tally_places",
        ["place", "severity", "occurred_on", "incident_id"],
    )
    op.create_table(
        "team_changes",
        sa.Column("sort", sa.String(10), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sort", "key", name="pk_team_changes"),
    )


def downgrade() -> None:
    # Whoever counts after this does not know the sums of teams, and would keep them as they are.
    _empty()
    op.drop_table("team_changes")
    op.drop_table("tally_places")
    with op.batch_alter_table("tallies") as tallies:
        tallies.drop_column("places")
        tallies.drop_column("severity")


def _empty() -> None:
    for table in ("tally_guards", "tally_targets", "tally_sums", "tallies"):
        op.execute(f"DELETE FROM {table}")
