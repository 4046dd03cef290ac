"""Keep what customers may read of an incident, and what is published of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261129_1630"
down_revision = "20261129_1610"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "public_reports",
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name in ("sections", "kept", "pictures")),
        sa.Column("drawn_from", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("editors", kind, nullable=False),
        sa.Column("edited_by", sa.String(100), nullable=False),
        sa.Column("edited_at", instant, nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", instant),
        sa.Column("approved_by", sa.String(100), nullable=False),
        sa.Column("approved_at", instant),
        sa.Column("approved_digest", sa.String(64), nullable=False),
        sa.Column("edition", kind, nullable=False),
        sa.Column("is_public", sa.Boolean, nullable=False),
        sa.Column("despite_restriction", sa.Boolean, nullable=False),
        sa.Column("published_from", sa.Integer),
        sa.Column("published_by", sa.String(100), nullable=False),
        sa.Column("published_approval", sa.String(100), nullable=False),
        sa.Column("published_at", instant),
        sa.Column("first_published_at", instant),
        sa.Column("withdrawn_by", sa.String(100), nullable=False),
        sa.Column("withdrawn_because", sa.Text, nullable=False),
        sa.Column("withdrawn_at", instant),
        sa.PrimaryKeyConstraint("incident_id", name="pk_public_reports"),
        sa.UniqueConstraint("slug", name="uq_public_reports_slug"),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name="fk_public_reports_incident_id_incidents",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_public_reports_is_public_first_published_at_slug",
        "public_reports",
        ["is_public", "first_published_at", "slug"],
    )


def downgrade() -> None:
    op.drop_table("public_reports")
