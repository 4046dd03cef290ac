"""Let people hold a role in a team, which counts for what belongs to that team."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1301"
down_revision = "20261201_1201"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("team_members") as members:
        members.add_column(sa.Column("role", sa.String(10), nullable=False, server_default=""))
        members.create_check_constraint(
            members.f("ck_team_members_role"), "role IN ('', 'reviewer', 'author', 'admin')"
        )


def downgrade() -> None:
    with op.batch_alter_table("team_members") as members:
        members.drop_constraint(members.f("ck_team_members_role"), type_="check")
        members.drop_column("role")
