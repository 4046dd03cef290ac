"""Add bulk edits of action items, so that they can be watched and undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_2035"
down_revision = "20261129_2030"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "bulk_edits",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("by_kind", sa.String(10), nullable=False),
        sa.Column("scopes", Json),
        sa.Column("at", Instant, nullable=False),
        sa.Column("undone_by", sa.String(100), nullable=False),
        sa.Column("ended_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_edits"),
    )
    op.create_index("ix_bulk_edits_state_id", "bulk_edits", ["state", "id"])
    op.create_index("ix_bulk_edits_by_id", "bulk_edits", ["by", "id"])
    op.create_index("ix_bulk_edits_at", "bulk_edits", ["at"])
    op.create_table(
        "bulk_lines",
        sa.Column("bulk_id", sa.Integer, nullable=False),
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.Column("after", Json),
        sa.Column("life", Json),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("bulk_id", "item_id", name="pk_bulk_lines"),
        sa.ForeignKeyConstraint(
            ["bulk_id"], ["bulk_edits.id"], name="fk_bulk_lines_bulk_id_bulk_edits", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["action_items.id"], name="fk_bulk_lines_item_id_action_items", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_bulk_lines_bulk_id_state_item_id", "bulk_lines", ["bulk_id", "state", "item_id"])
    op.create_index("ix_bulk_lines_bulk_id_number", "bulk_lines", ["bulk_id", "number"])
    op.create_index("ix_bulk_lines_item_id", "bulk_lines", ["item_id"])


def downgrade() -> None:
    op.drop_table("bulk_lines")
    op.drop_table("bulk_edits")
