"""Answer GitLab: its servers, the places on them that are targets, and what they asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_1702"
down_revision = "20261126_1612"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "gitlab_servers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("api", sa.String(length=500), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("webhook_secret", sa.Text(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gitlab_servers")),
        sa.UniqueConstraint("name", name=op.f("uq_gitlab_servers_name")),
    )
    op.create_table(
        "gitlab_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.String(length=20), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('check', 'branch', 'environment')", name=op.f("ck_gitlab_places_kind")),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["gitlab_servers.id"],
            name=op.f("fk_gitlab_places_server_id_gitlab_servers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gitlab_places")),
        sa.UniqueConstraint(
            "server_id",
            "project_id",
            "kind",
            "name",
            name=op.f("uq_gitlab_places_server_id_project_id_kind_name"),
        ),
    )
    op.create_table(
        "gitlab_requests",
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("server_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("project_id", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("check_id", sa.String(length=20), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("said", sa.String(length=10), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('check', 'deployment')", name=op.f("ck_gitlab_requests_kind")),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["gitlab_servers.id"],
            name=op.f("fk_gitlab_requests_server_id_gitlab_servers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("about", name=op.f("pk_gitlab_requests")),
    )
    op.create_index(
        op.f("ix_gitlab_requests_server_id_project_id_number"),
        "gitlab_requests",
        ["server_id", "project_id", "number"],
    )
    op.create_index(op.f("ix_gitlab_requests_asked_at"), "gitlab_requests", ["asked_at"])


def downgrade() -> None:
    for table in ("gitlab_requests", "gitlab_places", "gitlab_servers"):
        op.drop_table(table)
