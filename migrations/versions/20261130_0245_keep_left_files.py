"""Keep which files an import did not read, with the reasons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261130_0245"
down_revision = "20261130_0215"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kept = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("import_runs", sa.Column("left_files", kept))


def downgrade() -> None:
    with op.batch_alter_table("import_runs") as table:
        table.drop_column("left_files")
