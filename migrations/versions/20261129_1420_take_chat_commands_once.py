"""Take each request of a chat's slash command once."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1420"
down_revision = "20261129_1405"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_commands",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_chat_commands"),
    )
    op.create_index("ix_chat_commands_taken_at", "chat_commands", ["taken_at"])


def downgrade() -> None:
    op.drop_table("chat_commands")
