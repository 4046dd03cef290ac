"""Keep what is searched in the index alone: no longer beside each incident and item too."""

import sqlalchemy as sa
from alembic import op

# Not a copy: rows have to be folded exactly as they were when they were saved.
from postmortems import search_words

revision = "20261129_2055"
down_revision = "20261129_2050"
branch_labels = None
depends_on = None

AT_ONCE = 200
ITEM = ("text", "owner", "team", "reason", "done_when", "outcome", "category")
TYPES = {"id": sa.Integer(), "number": sa.Integer(), "tickets": sa.JSON()}


def upgrade() -> None:
    op.drop_column("incidents", "search_text")
    op.drop_column("action_items", "search_text")


def downgrade() -> None:
    for table in ("incidents", "action_items"):
        op.add_column(table, sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    _refill(_table("incidents", "slug", "title"), _texts_of_incidents)
    _refill(_table("action_items", "number", *ITEM), _texts_of_items)


def _table(name, *columns):
    names = ("id", *columns, "search_text")
    return sa.table(name, *(sa.column(column, TYPES.get(column, sa.Text())) for column in names))


def _refill(table, texts_of):
    connection, last = op.get_bind(), 0
    put = sa.update(table).where(table.c.id == sa.bindparam("key")).values(search_text=sa.bindparam("said"))
    rows = sa.select(table).order_by(table.c.id).limit(AT_ONCE)
    while found := connection.execute(rows.where(table.c.id > last)).all():
        connection.execute(put, [{"key": id, "said": _folded(said)} for id, said in texts_of(found)])
        last = found[-1].id


def _texts_of_incidents(found):
    """The newest version's text says all of it."""
    revisions = sa.table("revisions", sa.column("incident_id"), sa.column("version"), sa.column("text"))
    said = sa.select(revisions.c.incident_id, revisions.c.text).order_by(revisions.c.version)
    said = said.where(revisions.c.incident_id.in_([row.id for row in found]), revisions.c.text != "")
    newest = {row.incident_id: row.text for row in op.get_bind().execute(said)}
    return ((row.id, (row.title, row.slug, newest.get(row.id, ""))) for row in found)


def _texts_of_items(found):
    return ((row.id, (f"AI-{row.number}", *row[2 : 2 + len(ITEM)])) for row in found)


def _folded(parts):
    return "\n".join(filter(None, map(search_words.fold, parts)))
