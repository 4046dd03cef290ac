"""Say how somebody came into a team, and which group gives the role there.

Who is a member already counts as one of the directory's, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1501"
down_revision = "20261201_1401"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("team_members") as members:
        members.add_column(sa.Column("role_group", sa.String(255), nullable=False, server_default=""))
        members.add_column(sa.Column("via", sa.String(10), nullable=False, server_default="hand"))
        members.create_check_constraint(
            members.f("ck_team_members_via"), "via IN ('hand', 'directory', 'rule')"
        )
    op.execute("UPDATE team_members SET via = 'directory'")


def downgrade() -> None:
    with op.batch_alter_table("team_members") as members:
        members.drop_constraint(members.f("ck_team_members_via"), type_="check")
        members.drop_column("via")
        members.drop_column("role_group")
