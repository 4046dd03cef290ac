"""Keep a number that moves with all that the gate answers from."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "20261129_1712"
down_revision = "20261129_1630"
branch_labels = None
depends_on = None


def upgrade() -> None:
    versions = op.create_table(
        "versions",
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_versions"),
    )
    op.bulk_insert(versions, [{"name": "gate", "number": secrets.randbits(62)}])


def downgrade() -> None:
    op.drop_table("versions")
