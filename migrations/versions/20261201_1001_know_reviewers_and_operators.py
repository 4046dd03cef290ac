"""Know two more roles of accounts: reviewer and operator."""

from alembic import op

revision = "20261201_1001"
down_revision = "20261201_0602"
branch_labels = None
depends_on = None

BEFORE = "role IN ('viewer', 'author', 'admin')"
AFTER = "role IN ('viewer', 'reviewer', 'author', 'operator', 'admin')"


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    # They keep what the release before knows: to read.
    op.execute("UPDATE users SET role = 'viewer' WHERE role IN ('reviewer', 'operator')")
    _allow(BEFORE)


def _allow(roles: str) -> None:
    with op.batch_alter_table("users") as users:
        users.drop_constraint(users.f("ck_users_role"), type_="check")
        users.create_check_constraint(users.f("ck_users_role"), roles)
