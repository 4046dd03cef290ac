"""Keep how many requests those make who come near a limit."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0802"
down_revision = "20261201_0510"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_windows",
        sa.Column("minute", sa.Integer, nullable=False),
        sa.Column("who", sa.String(160), nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("minute", "who", name=op.f("pk_request_windows")),
    )


def downgrade() -> None:
    op.drop_table("request_windows")
