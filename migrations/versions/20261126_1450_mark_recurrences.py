"""Let an incident name the earlier one that it repeats."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1450"
down_revision = "20261126_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.add_column(
            sa.Column("recurrence_of", sa.String(length=200), nullable=False, server_default="")
        )
    with op.batch_alter_table("incidents") as incidents:
        incidents.alter_column("recurrence_of", existing_type=sa.String(length=200), server_default=None)
        incidents.create_index(op.f("ix_incidents_recurrence_of"), ["recurrence_of"])


def downgrade() -> None:
    with op.batch_alter_table("incidents") as incidents:
        incidents.drop_index(op.f("ix_incidents_recurrence_of"))
        incidents.drop_column("recurrence_of")
