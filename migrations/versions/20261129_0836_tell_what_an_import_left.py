"""Tell what an import left unread, and whether it was to take templates."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0836"
down_revision = "20261129_0530"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "import_runs", sa.Column("with_templates", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("import_runs", sa.Column("left", sa.String(500), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("import_runs", "left")
    op.drop_column("import_runs", "with_templates")
