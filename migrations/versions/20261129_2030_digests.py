"""Keep when digests are due, of people and of teams."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_2030"
down_revision = "20261129_2022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest_schedules",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("team_id", sa.Integer),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("zone", sa.String(100), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_digest_schedules"),
        sa.UniqueConstraint("user_id", name="uq_digest_schedules_user_id"),
        sa.UniqueConstraint("team_id", name="uq_digest_schedules_team_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_digest_schedules_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_digest_schedules_team_id_teams", ondelete="CASCADE"
        ),
        sa.CheckConstraint("(user_id IS NULL) != (team_id IS NULL)", name="ck_digest_schedules_one"),
    )
    op.create_index("ix_digest_schedules_due_at", "digest_schedules", ["due_at"])


def downgrade() -> None:
    op.drop_table("digest_schedules")
