"""Find incidents, items and guards by an index of their words."""

import sys
import time

import sqlalchemy as sa
from alembic import op

from postmortems.db import full_text

# Not a copy: the index has to be put exactly as the queries of today ask for it.
from postmortems.guards import search_entries as guards
from postmortems.incidents import search_entries as incidents

revision = "20261129_1720"
down_revision = "20261129_1712"
branch_labels = None
depends_on = None

# Seconds between two lines that say how far it is.
TOLD_EVERY = 5


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("row_id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer),
        sa.Column("guard_id", sa.Integer),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("digest", sa.String(40), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("overflow", sa.Text, nullable=False),
        sa.Column("words", full_text.VECTOR, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_entries"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], "fk_search_entries_incident_id_incidents", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guard_id"], ["guards.id"], "fk_search_entries_guard_id_guards", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_search_entries_incident_id", "search_entries", ["incident_id"])
    op.create_index("ix_search_entries_guard_id", "search_entries", ["guard_id"])
    connection = op.get_bind()
    for statement in full_text.statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    guards.put_all(connection)
    told = time.monotonic()
    for done, count in incidents.put_all(connection):
        if time.monotonic() - told >= TOLD_EVERY:
            told = time.monotonic()
            sys.stderr.write(f"making the index for search: {done:,} of {count:,} incidents\n")
            sys.stderr.flush()


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE {full_text.TABLE}")
    op.drop_table("search_entries")
