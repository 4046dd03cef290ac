"""Keep as what each source was read, and its id where it comes from."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0145"
down_revision = "20261130_0131"
branch_labels = None
depends_on = None

TABLES = ("sources", "import_files")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("format", sa.String(30), nullable=False, server_default=""))
        op.add_column(table, sa.Column("identity", sa.String(300), nullable=False, server_default=""))
    op.create_index("ix_sources_identity", "sources", ["identity"])


def downgrade() -> None:
    op.drop_index("ix_sources_identity", "sources")
    for table in TABLES:
        op.drop_column(table, "identity")
        op.drop_column(table, "format")
