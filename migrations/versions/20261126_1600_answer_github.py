"""Answer GitHub: the App, its environments, what it asked, and the statuses we put to commits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_1600"
down_revision = "20261126_1518"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "github_app",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(length=20), nullable=False),
        sa.Column("api", sa.String(length=500), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_github_app")),
    )
    op.create_table(
        "github_environments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("repository_id", sa.String(length=20), nullable=False),
        sa.Column("repository", sa.String(length=200), nullable=False),
        sa.Column("environment", sa.String(length=255), nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("posts_statuses", sa.Boolean(), nullable=False),
        sa.Column("installation_id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_github_environments")),
        sa.UniqueConstraint(
            "repository_id", "environment", name=op.f("uq_github_environments_repository_id_environment")
        ),
    )
    op.create_index(op.f("ix_github_environments_target"), "github_environments", ["target"])
    op.create_table(
        "github_requests",
        sa.Column("delivery", sa.String(length=100), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_github_requests")),
    )
    op.create_table(
        "github_statuses",
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["github_environments.id"],
            name=op.f("fk_github_statuses_environment_id_github_environments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("environment_id", "sha", name=op.f("pk_github_statuses")),
    )
    op.create_index(op.f("ix_github_statuses_state_checked_at"), "github_statuses", ["state", "checked_at"])


def downgrade() -> None:
    for table in ("github_statuses", "github_requests", "github_environments", "github_app"):
        op.drop_table(table)
