"""Keep verdicts and events by month on PostgreSQL, where whole months are removed at once.

What is there becomes the first part, up to the end of the present month; no row is copied but those of later
months. SQLite keeps its tables as they are.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "20261201_1401"
down_revision = "20261201_1301"
branch_labels = None
depends_on = None

# As many as the worker makes ahead.
MONTHS = 3
INDEXES = {
    "evaluations": {
        "ix_evaluations_guard_id_at": "(guard_id, at)",
        "ix_evaluations_decision_id": "(decision_id)",
    },
    "events": {
        "ix_events_subject_kind_subject_id": "(subject_kind, subject, id)",
        "ix_events_verb_id": "(verb, id)",
        "ix_events_actor_id": "(actor, id)",
        "ix_events_subject_id": "(subject, id)",
        "ix_events_at_id": "(at, id)",
        "ix_events_untold": "(id) WHERE NOT is_told",
    },
}
FOREIGN_KEY = (
    "ALTER TABLE evaluations ADD CONSTRAINT fk_evaluations_guard_id_guards"
    " FOREIGN KEY (guard_id) REFERENCES guards (id) ON DELETE SET NULL"
)
MAY = sa.text(
    "SELECT grantee::regrole::text AS role, privilege_type AS may FROM pg_class, aclexplode(relacl)"
    " WHERE oid = CAST(:name AS regclass) AND grantee <> 0 AND grantee <> relowner"
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _hold()
    month = _following(datetime.now(UTC))
    for table, indexes in INDEXES.items():
        _part(table, indexes, month)


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    _hold()
    for table, indexes in INDEXES.items():
        _join(table, indexes)


def _hold() -> None:
    """Have the tables for ourselves: whoever writes meanwhile waits, and then writes to the new ones."""
    # The foreign key that is made anew holds it, too.
    op.execute("LOCK TABLE guards IN SHARE ROW EXCLUSIVE MODE")
    op.execute("LOCK TABLE evaluations, events IN ACCESS EXCLUSIVE MODE")


def _part(table: str, indexes: dict[str, str], month: datetime) -> None:
    earlier = f"{table}_earlier"
    op.execute(f"ALTER TABLE {table} RENAME TO {earlier}")
    op.execute(f"ALTER TABLE {earlier} DROP CONSTRAINT pk_{table}")
    op.execute(f"ALTER TABLE {earlier} ADD CONSTRAINT pk_{earlier} PRIMARY KEY (id, at)")
    for index in indexes:
        op.execute(f"ALTER INDEX {index} RENAME TO {index}_earlier")
    op.execute(f"CREATE TABLE {table} (LIKE {earlier} INCLUDING DEFAULTS) PARTITION BY RANGE (at)")
    op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id, at)")
    for index, columns in indexes.items():
        op.execute(f"CREATE INDEX {index} ON {table} {columns}")
    if table == "evaluations":
        op.execute(FOREIGN_KEY)
    _grant(earlier, table)
    op.execute(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
    begins = month
    for _ in range(MONTHS):
        part, ends = f"{table}_{begins:%Y_%m}", _following(begins)
        op.execute(
            f"CREATE TABLE {part} PARTITION OF {table}"
            f" FOR VALUES FROM ('{begins.isoformat()}') TO ('{ends.isoformat()}')"
        )
        begins = ends
    # Written by a clock that was ahead, each to its own month.
    op.execute(
        f"WITH moved AS (DELETE FROM {earlier} WHERE at >= '{month.isoformat()}' RETURNING *)"
        f" INSERT INTO {table} SELECT * FROM moved"
    )
    op.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {earlier}"
        f" FOR VALUES FROM (MINVALUE) TO ('{month.isoformat()}')"
    )


def _join(table: str, indexes: dict[str, str]) -> None:
    whole = f"{table}_whole"
    op.execute(f"CREATE TABLE {whole} (LIKE {table} INCLUDING DEFAULTS)")
    op.execute(f"INSERT INTO {whole} SELECT * FROM {table}")
    op.execute(f"ALTER SEQUENCE {table}_id_seq OWNED BY {whole}.id")
    _grant(table, whole)
    op.execute(f"DROP TABLE {table}")
    op.execute(f"ALTER TABLE {whole} RENAME TO {table}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (id)")
    for index, columns in indexes.items():
        op.execute(f"CREATE INDEX {index} ON {table} {columns}")
    if table == "evaluations":
        op.execute(FOREIGN_KEY)


def _grant(one: str, other: str) -> None:
    """Let whoever may use one table use the other likewise: operators have roles of their own."""
    for row in op.get_bind().execute(MAY, {"name": one}).all():
        op.execute(f"GRANT {row.may} ON {other} TO {row.role}")


def _following(at: datetime) -> datetime:
    begins = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (begins + timedelta(days=31)).replace(day=1)
