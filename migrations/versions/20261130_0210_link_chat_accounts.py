"""Keep whose a chat account is, and the codes by which people say so."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0210"
down_revision = "20261130_0201"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(20), nullable=False),
        sa.Column("workspace", sa.String(80), nullable=False),
        sa.Column("chat_user", sa.String(80), nullable=False),
        sa.Column("chat_name", sa.String(80), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_chat_accounts_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_chat_accounts"),
        sa.UniqueConstraint(
            "chat", "workspace", "chat_user", name="uq_chat_accounts_chat_workspace_chat_user"
        ),
    )
    op.create_index("ix_chat_accounts_user_id", "chat_accounts", ["user_id"])
    op.create_table(
        "chat_codes",
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_chat_codes_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("secret_hash", name="pk_chat_codes"),
    )
    op.create_index("ix_chat_codes_user_id", "chat_codes", ["user_id"])


def downgrade() -> None:
    op.drop_table("chat_codes")
    op.drop_table("chat_accounts")
