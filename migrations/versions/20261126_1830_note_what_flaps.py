"""Note on a guard that it flaps, so that a decision knows without reading its looks."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1830"
down_revision = "20261126_1815"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guards", sa.Column("flaps_since", sa.DateTime(timezone=True)))
    op.add_column("guards", sa.Column("passes_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("guards", "passes_since")
    op.drop_column("guards", "flaps_since")
