"""Find accounts by their names in small letters, as owners are written, by an index."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_2042"
down_revision = "20261129_2035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("small_name", sa.String(100), nullable=False, server_default=""))
    op.execute("UPDATE users SET small_name = lower(name)")
    op.create_index("ix_users_small_name", "users", ["small_name"])


def downgrade() -> None:
    op.drop_index("ix_users_small_name", "users")
    op.drop_column("users", "small_name")
