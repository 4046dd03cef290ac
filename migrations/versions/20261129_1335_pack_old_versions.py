"""Pack the texts of old versions, and note what a save changed and who wrote what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

# Not a copy: they have to be packed exactly as they are read.
from postmortems.incidents.history import packed_texts, texts

revision = "20261129_1335"
down_revision = "20261129_1310"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
REVISIONS = sa.table(
    "revisions",
    *[sa.column(name) for name in ("id", "incident_id", "version", "text", "packed", "base")],
)


def upgrade() -> None:
    op.add_column("revisions", sa.Column("packed", sa.LargeBinary(), nullable=True))
    op.add_column("revisions", sa.Column("base", sa.Integer(), nullable=True))
    op.add_column("revisions", sa.Column("changes", JSON, nullable=True))
    op.add_column("revisions", sa.Column("written", JSON, nullable=True))
    for incident in _incidents():
        _pack(incident)


def downgrade() -> None:
    for incident in _incidents():
        _unpack(incident)
    for name in ("written", "changes", "base", "packed"):
        op.drop_column("revisions", name)


def _incidents() -> list[int]:
    found = sa.select(REVISIONS.c.incident_id).distinct().order_by(REVISIONS.c.incident_id)
    return list(op.get_bind().scalars(found))


def _pack(incident: int) -> None:
    """All but the newest, one by one: a text may be long."""
    whole: tuple[int, bytes] | None = None
    for number, version in _ids(incident)[:-1]:
        data, base = texts.smallest(_row(number).text, version, whole)
        _set(number, text="", packed=data, base=base)
        whole = (version, data) if base is None else whole


def _unpack(incident: int) -> None:
    whole = ""
    for number, _ in _ids(incident):
        row = _row(number)
        if row.packed is None:
            continue
        text = packed_texts.unpacked(row.packed, None if row.base is None else whole)
        whole = text if row.base is None else whole
        _set(number, text=text)


def _ids(incident: int) -> list[tuple[int, int]]:
    its = sa.select(REVISIONS.c.id, REVISIONS.c.version).where(REVISIONS.c.incident_id == incident)
    return [(row.id, row.version) for row in op.get_bind().execute(its.order_by(REVISIONS.c.version))]


def _row(number: int) -> sa.Row:
    return op.get_bind().execute(sa.select(REVISIONS).where(REVISIONS.c.id == number)).one()


def _set(number: int, **values: object) -> None:
    op.get_bind().execute(sa.update(REVISIONS).where(REVISIONS.c.id == number).values(values))
