"""Add accounts of programs, with what each is for and who answers for it."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1002"
down_revision = "20261201_0401"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="person"))
        users.create_check_constraint(users.f("ck_users_kind"), "kind IN ('person', 'service')")
    op.create_table(
        "service_accounts",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(200), nullable=False),
        sa.Column("team_id", sa.Integer()),
        sa.Column("owner_id", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_service_accounts_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_service_accounts_team_id_teams"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_service_accounts_owner_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_service_accounts")),
    )
    op.create_index(op.f("ix_service_accounts_team_id"), "service_accounts", ["team_id"])
    op.create_index(op.f("ix_service_accounts_owner_id"), "service_accounts", ["owner_id"])


def downgrade() -> None:
    # The release before would let people be signed in as them: they are switched off.
    op.execute("UPDATE users SET is_active = false WHERE kind = 'service'")
    op.drop_table("service_accounts")
    with op.batch_alter_table("users") as users:
        users.drop_constraint(users.f("ck_users_kind"), type_="check")
        users.drop_column("kind")
