"""Say of services which team answers for them; find items by the team that they name."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_2256"
down_revision = "20261129_2255"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("services") as services:
        services.add_column(sa.Column("team_id", sa.Integer()))
        services.create_foreign_key(
            services.f("fk_services_team_id_teams"), "teams", ["team_id"], ["id"], ondelete="SET NULL"
        )
        services.create_index(services.f("ix_services_team_id"), ["team_id"])
    named = sa.text("team != ''")
    op.create_index(
        "ix_action_items_team", "action_items", ["team"], sqlite_where=named, postgresql_where=named
    )


def downgrade() -> None:
    op.drop_index("ix_action_items_team", "action_items")
    with op.batch_alter_table("services") as services:
        services.drop_index(services.f("ix_services_team_id"))
        services.drop_constraint(services.f("fk_services_team_id_teams"), type_="foreignkey")
        services.drop_column("team_id")
