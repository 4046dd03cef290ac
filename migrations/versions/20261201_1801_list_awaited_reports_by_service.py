"""Count what is kept for reports anew: the fixes of services have their own sums of what could recur by now,
and lists by service and team say which incidents could, and which reports are awaited.

`env.py` fills the emptied tables when all steps are taken, and so it does after a step back.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1801"
down_revision = "20261201_1100"
branch_labels = None
depends_on = None

# By name: the columns, and of which rows on SQLite and on PostgreSQL.
INDEXES = {
    "ix_tally_places_could_recur": (
        ["place", "occurred_on", "incident_id"],
        ("could_recur = 1", "could_recur"),
    ),
    "ix_tally_places_awaited": (
        ["place", "occurred_on", "incident_id", "severity", "report"],
        ("report != ''", "report != ''"),
    ),
}


def upgrade() -> None:
    _empty()
    op.add_column(
        "tally_places", sa.Column("could_recur", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("tally_places", sa.Column("report", sa.String(20), nullable=False, server_default=""))
    for name, (columns, (sqlite, postgresql)) in INDEXES.items():
        op.create_index(
            name,
            "tally_places",
            columns,
            sqlite_where=sa.text(sqlite),
            postgresql_where=sa.text(postgresql),
        )


def downgrade() -> None:
    # Whoever counts after this does not know the sums of services alone, and would keep them as they are.
    _empty()
    for name in INDEXES:
        op.drop_index(name, table_name="tally_places")
    with op.batch_alter_table("tally_places") as places:
        places.drop_column("report")
        places.drop_column("could_recur")


def _empty() -> None:
    for table in ("tally_places", "tally_guards", "tally_targets", "tally_sums", "tallies"):
        op.execute(f"DELETE FROM {table}")
