"""Keep chats and other receivers that are told of items and digests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_2045"
down_revision = "20261129_2042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_channels",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("host", sa.String(300), nullable=False),
        sa.Column("tells", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("team_id", sa.Integer),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("refusals", sa.Integer, nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chat_channels"),
        sa.UniqueConstraint("name", name="uq_chat_channels_name"),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_chat_channels_team_id_teams", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_chat_channels_team_id", "chat_channels", ["team_id"])


def downgrade() -> None:
    op.drop_table("chat_channels")
