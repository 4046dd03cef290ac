"""Keep whose account an identity at a provider is, the sessions it opened, and what providers publish."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261201_0300"
down_revision = "20261201_0801"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(500), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_oidc_identities_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_oidc_identities_issuer_subject"),
    )
    op.create_index("ix_oidc_identities_user_id", "oidc_identities", ["user_id"])
    op.create_table(
        "oidc_sessions",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["browser_sessions.id"],
            name="fk_oidc_sessions_session_id_browser_sessions",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["oidc_identities.id"],
            name="fk_oidc_sessions_identity_id_oidc_identities",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name="pk_oidc_sessions"),
    )
    op.create_index("ix_oidc_sessions_identity_id_sid", "oidc_sessions", ["identity_id", "sid"])
    op.create_table(
        "oidc_uses",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_oidc_uses"),
    )
    op.create_index("ix_oidc_uses_expires_at", "oidc_uses", ["expires_at"])
    said = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("issuer_keys", sa.Column("description", said))


def downgrade() -> None:
    with op.batch_alter_table("issuer_keys") as table:
        table.drop_column("description")
    op.drop_table("oidc_uses")
    op.drop_table("oidc_sessions")
    op.drop_table("oidc_identities")
