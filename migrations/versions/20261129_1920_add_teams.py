"""Add teams with their members, and names that mean an account or a team."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1920"
down_revision = "20261129_1745"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
        sa.UniqueConstraint("slug", name="uq_teams_slug"),
        sa.UniqueConstraint("name_key", name="uq_teams_name_key"),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("is_lead", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_team_members"),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_team_members_team_id_teams", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_team_members_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_team_members_user_id", "team_members", ["user_id"])
    op.create_table(
        "owner_names",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("team_id", sa.Integer),
        sa.PrimaryKeyConstraint("key", name="pk_owner_names"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_owner_names_user_id_users", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_owner_names_team_id_teams", ondelete="CASCADE"
        ),
        sa.CheckConstraint("(user_id IS NULL) != (team_id IS NULL)", name="ck_owner_names_one"),
    )
    op.create_index("ix_owner_names_user_id", "owner_names", ["user_id"])
    op.create_index("ix_owner_names_team_id", "owner_names", ["team_id"])


def downgrade() -> None:
    for table in ("owner_names", "team_members", "teams"):
        op.drop_table(table)
