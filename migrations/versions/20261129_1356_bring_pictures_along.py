"""Bring pictures along: what became of the files beside a report that is imported."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_1356"
down_revision = "20261129_1355"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    with op.batch_alter_table("import_files") as table:
        table.add_column(sa.Column("beside", json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("import_files") as table:
        table.drop_column("beside")
