"""Keep from which networks a token is accepted, and from where it was used last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261201_1003"
down_revision = "20261201_0530"
branch_labels = None
depends_on = None


def upgrade() -> None:
    networks = sa.JSON().with_variant(JSONB(), "postgresql")
    with op.batch_alter_table("tokens") as tokens:
        tokens.add_column(sa.Column("networks", networks, nullable=False, server_default="[]"))
        tokens.add_column(sa.Column("last_used_from", sa.String(64)))


def downgrade() -> None:
    # The release before would accept them from everywhere: they end.
    op.execute(
        "UPDATE tokens SET revoked_at = CURRENT_TIMESTAMP"
        " WHERE revoked_at IS NULL AND CAST(networks AS TEXT) != '[]'"
    )
    with op.batch_alter_table("tokens") as tokens:
        tokens.drop_column("last_used_from")
        tokens.drop_column("networks")
