"""Say what a report needs before it is published."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261129_1445"
down_revision = "20261129_1428"
branch_labels = None
depends_on = None

NAMES = ("required_fields", "required_sections")


def upgrade() -> None:
    kind = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("publish_rules") as table:
        for name in NAMES:
            table.add_column(sa.Column(name, kind, nullable=False, server_default="[]"))
    with op.batch_alter_table("publish_rules") as table:
        for name in NAMES:
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("publish_rules") as table:
        for name in NAMES:
            table.drop_column(name)
