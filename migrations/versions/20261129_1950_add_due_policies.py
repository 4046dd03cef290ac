"""Add due-date policies, the calendars that they count in, and what they gave each item."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_1950"
down_revision = "20261129_1935"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(JSONB(), "postgresql")
Instant = sa.DateTime(timezone=True)


def upgrade() -> None:
    _calendars()
    _policies()
    _deadlines()


def _calendars() -> None:
    op.create_table(
        "holiday_calendars",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("subdivision", sa.String(30), nullable=False),
        sa.Column("weekend", Json, nullable=False),
        sa.Column("known_until", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holiday_calendars"),
        sa.UniqueConstraint("slug", name="uq_holiday_calendars_slug"),
    )
    op.create_table(
        "holidays",
        sa.Column("calendar_id", sa.Integer, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("is_own", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", "day", "is_own", name="pk_holidays"),
        sa.ForeignKeyConstraint(
            ["calendar_id"],
            ["holiday_calendars.id"],
            name="fk_holidays_calendar_id_holiday_calendars",
            ondelete="CASCADE",
        ),
    )


def _policies() -> None:
    op.create_table(
        "due_policies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("priority", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("team_id", sa.Integer),
        sa.Column("assign_days", sa.Integer),
        sa.Column("complete_days", sa.Integer),
        sa.Column("counting", sa.String(10), nullable=False),
        sa.Column("begins", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(100), nullable=False),
        sa.Column("calendar_id", sa.Integer),
        sa.Column("warn_before", Json, nullable=False),
        sa.Column("warns_at", sa.Boolean, nullable=False),
        sa.Column("warn_after", Json, nullable=False),
        sa.Column("lead_after", sa.Integer),
        sa.Column("admin_after", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("saved_by", sa.String(100), nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_due_policies"),
        sa.UniqueConstraint("key", name="uq_due_policies_key"),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name="fk_due_policies_team_id_teams", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["holiday_calendars.id"], name="fk_due_policies_calendar_id_holiday_calendars"
        ),
    )
    op.create_index("ix_due_policies_team_id", "due_policies", ["team_id"])
    op.create_index("ix_due_policies_calendar_id", "due_policies", ["calendar_id"])


def _deadlines() -> None:
    op.create_table(
        "item_deadlines",
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("policy_id", sa.Integer),
        sa.Column("committed_at", Instant, nullable=False),
        sa.Column("assign_by", sa.Date),
        sa.Column("due", sa.Date),
        sa.Column("exception_until", sa.Date),
        sa.Column("exception_reason", sa.Text, nullable=False),
        sa.Column("exception_by", sa.String(100), nullable=False),
        sa.Column("exception_at", Instant),
        sa.PrimaryKeyConstraint("item_id", name="pk_item_deadlines"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["action_items.id"],
            name="fk_item_deadlines_item_id_action_items",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["due_policies.id"],
            name="fk_item_deadlines_policy_id_due_policies",
            ondelete="SET NULL",
        ),
    )
    op.create_index("ix_item_deadlines_policy_id", "item_deadlines", ["policy_id"])
    op.create_index("ix_item_deadlines_assign_by_item_id", "item_deadlines", ["assign_by", "item_id"])


def downgrade() -> None:
    for table in ("item_deadlines", "due_policies", "holidays", "holiday_calendars"):
        op.drop_table(table)
