"""Add what changed policies dated anew, so that it can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_2020"
down_revision = "20261129_1950"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "redates",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("policy_id", sa.Integer),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("before", Json),
        sa.Column("after", Json, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("by_kind", sa.String(10), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("undone_by", sa.String(100), nullable=False),
        sa.Column("ended_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_redates"),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["due_policies.id"], name="fk_redates_policy_id_due_policies", ondelete="SET NULL"
        ),
    )
    op.create_index("ix_redates_policy_id_id", "redates", ["policy_id", "id"])
    op.create_index("ix_redates_state_id", "redates", ["state", "id"])
    op.create_table(
        "redate_lines",
        sa.Column("redate_id", sa.Integer, nullable=False),
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("old_due", sa.Date),
        sa.Column("new_due", sa.Date),
        sa.Column("before", Json),
        sa.Column("after", Json, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("redate_id", "item_id", name="pk_redate_lines"),
        sa.ForeignKeyConstraint(
            ["redate_id"], ["redates.id"], name="fk_redate_lines_redate_id_redates", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["action_items.id"], name="fk_redate_lines_item_id_action_items", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_redate_lines_redate_id_state_item_id", "redate_lines", ["redate_id", "state", "item_id"]
    )
    op.create_index("ix_redate_lines_item_id", "redate_lines", ["item_id"])


def downgrade() -> None:
    op.drop_table("redate_lines")
    op.drop_table("redates")
