"""Begin the versions of what processes keep, so that it is kept before anybody has ever changed it."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261129_2255"
down_revision = "20261129_2252"
branch_labels = None
depends_on = None

NAMES = ("gate", "due dates")


def upgrade() -> None:
    versions = sa.table("versions", sa.column("name", sa.String()), sa.column("number", sa.BigInteger()))
    connection = op.get_bind()
    known = set(connection.scalars(sa.select(versions.c.name)))
    for name in NAMES:
        if name not in known:
            connection.execute(sa.insert(versions).values(name=name, number=secrets.randbits(62)))


def downgrade() -> None:
    """A number that is there is one that whoever kept something would have drawn."""
