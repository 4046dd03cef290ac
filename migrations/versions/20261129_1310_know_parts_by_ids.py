"""Give sections and blocks an id that others can speak of them by."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1310"
down_revision = "20261129_1010"
branch_labels = None
depends_on = None

# What is given from here on is eight hexadecimal digits: a key with such a letter in front is never one.
TABLES = {"sections": "s", "prose": "p", "entries": "t", "categories": "k"}


def upgrade() -> None:
    for table, letter in TABLES.items():
        op.add_column(table, sa.Column("part_id", sa.String(40), nullable=False, server_default=""))
        op.execute(f"UPDATE {table} SET part_id = '{letter}' || id")


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "part_id")
