"""Keep what is searched folded, for items and guards as for incidents, and owners as they are compared."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

# Not a copy: rows have to be folded exactly as the queries of today are.
from postmortems import search_words

revision = "20261129_0845"
down_revision = "20261129_0836"
branch_labels = None
depends_on = None

AT_ONCE = 200
# By table, what its search text is made of.
ITEM = ("number", "text", "owner", "team", "tickets", "reason", "done_when", "outcome", "category")
SEARCHED = {"incidents": ("search_text",), "action_items": ITEM, "guards": ("slug", "title")}
TYPES = {"tickets": sa.JSON().with_variant(postgresql.JSONB(), "postgresql")}


def upgrade() -> None:
    text = {"nullable": False, "server_default": ""}
    op.add_column("action_items", sa.Column("search_text", sa.Text(), **text))
    op.add_column("action_items", sa.Column("owner_key", sa.String(200), **text))
    op.add_column("guards", sa.Column("search_text", sa.Text(), **text))
    for table, names in SEARCHED.items():
        _fold(table, names)
    op.drop_index("ix_action_items_owner_status", "action_items")
    op.create_index("ix_action_items_owner_key_status", "action_items", ["owner_key", "status"])


def downgrade() -> None:
    op.drop_index("ix_action_items_owner_key_status", "action_items")
    op.create_index("ix_action_items_owner_status", "action_items", ["owner", "status"])
    op.drop_column("guards", "search_text")
    op.drop_column("action_items", "owner_key")
    op.drop_column("action_items", "search_text")


def _fold(table: str, names: tuple[str, ...]) -> None:
    connection = op.get_bind()
    columns = dict.fromkeys(("id", *names, "search_text", "owner_key"))
    rows = sa.table(table, *[sa.column(name, TYPES.get(name)) for name in columns])
    read = sa.select(rows.c.id, *[rows.c[name] for name in names]).order_by(rows.c.id).limit(AT_ONCE)
    last = 0
    while found := connection.execute(read.where(rows.c.id > last)).mappings().all():
        for row in found:
            values = {"search_text": "\n".join(filter(None, map(search_words.fold, _parts(row, names))))}
            if "owner" in row:
                values["owner_key"] = search_words.person(row["owner"])
            connection.execute(sa.update(rows).where(rows.c.id == row["id"]).values(values))
        last = found[-1]["id"]


def _parts(row: sa.RowMapping, names: tuple[str, ...]) -> list[str]:
    """What stands in each column, an item's number as people write it."""
    found: list[str] = []
    for name in names:
        value = row[name]
        found += value if isinstance(value, list) else [f"AI-{value}" if name == "number" else value]
    return found
