"""Find incidents, items and guards by an index of their words.

`env.py` fills it when all steps are taken: as the queries of today ask for it, on the tables of today.
"""

import sqlalchemy as sa
from alembic import op

from postmortems.db import full_text

revision = "20261129_1720"
down_revision = "20261129_1712"
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE {full_text.TABLE}")
    op.drop_table("search_entries")
