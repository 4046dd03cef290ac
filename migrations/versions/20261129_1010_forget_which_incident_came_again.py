"""Forget which incident came again: it is stored for all, and the incident may be restricted."""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_1010"
down_revision = "20261129_0945"
branch_labels = None
depends_on = None

NAMED = re.compile(r"it happened again as [\w-]+, and no drill")
UNNAMED = "it happened again, and no drill"
# Each table with its key and the text that told it.
TEXTS = (
    ("standings", "item_id", "why"),
    ("action_items", "id", "reopened_because"),
    ("revisions", "id", "message"),
)


def upgrade() -> None:
    for name, key, text in TEXTS:
        _forget(name, sa.column(key), sa.column(text, sa.Text()))
    data = sa.Column("data", sa.JSON().with_variant(JSONB(), "postgresql"))
    _forget("events", sa.column("id"), data)


def _forget(name: str, key: sa.ColumnElement, told: sa.ColumnElement) -> None:
    table = sa.table(name, key, sa.column(told.name, told.type))
    told, found = table.c[told.name], sa.cast(table.c[told.name], sa.Text()).contains("it happened again as ")
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c[key.name], told).where(found)).all():
        without = _without(row[1])
        connection.execute(table.update().where(table.c[key.name] == row[0]).values({told.name: without}))


def _without(told: object) -> object:
    if isinstance(told, str):
        return NAMED.sub(UNNAMED, told)
    if isinstance(told, dict):
        return {name: _without(value) for name, value in told.items()}
    return [_without(value) for value in told] if isinstance(told, list) else told


def downgrade() -> None:
    # Nobody knows any more which it was.
    pass
