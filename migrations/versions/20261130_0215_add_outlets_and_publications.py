"""Publish incidents as pages of other systems."""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0215"
down_revision = "20261130_0239"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outlets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("api", sa.String(500), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("account", sa.String(254), nullable=False),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("edited_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlets"),
        sa.UniqueConstraint("name", name="uq_outlets_name"),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("outlet_id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("version", sa.String(50), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publications"),
        _to("outlet_id", "outlets"),
        _to("incident_id", "incidents"),
        sa.UniqueConstraint("outlet_id", "incident_id", name="uq_publications_outlet_id_incident_id"),
    )
    op.create_index("ix_publications_incident_id", "publications", ["incident_id"])


def downgrade() -> None:
    op.drop_table("publications")
    op.drop_table("outlets")


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_publications_{column}_{table}"
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")
