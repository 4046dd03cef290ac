"""Add addresses at which calendars read what is due."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1935"
down_revision = "20261129_1920"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_addresses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("team_id", sa.Integer),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_feed_addresses"),
        sa.UniqueConstraint("secret_hash", name="uq_feed_addresses_secret_hash"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_feed_addresses_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_feed_addresses_team_id_teams", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_feed_addresses_user_id", "feed_addresses", ["user_id"])
    op.create_index("ix_feed_addresses_team_id", "feed_addresses", ["team_id"])


def downgrade() -> None:
    op.drop_table("feed_addresses")
