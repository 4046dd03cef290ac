"""Link action items to the issues of other trackers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261130_0200"
down_revision = "20261130_0145"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _trackers()
    _tickets()
    op.create_table(
        "tracker_accounts",
        sa.Column("tracker_id", sa.Integer, nullable=False),
        sa.Column("theirs", sa.String(200), nullable=False),
        sa.Column("ours", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("tracker_id", "theirs", name="pk_tracker_accounts"),
        _of_tracker("tracker_accounts"),
    )
    op.create_table(
        "ticket_policies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("tracker_id", sa.Integer, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("priority", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_policies"),
        _of_tracker("ticket_policies"),
    )
    op.create_index("ix_ticket_policies_tracker_id", "ticket_policies", ["tracker_id"])
    op.create_table(
        "tracker_deliveries",
        sa.Column("tracker_id", sa.Integer, nullable=False),
        sa.Column("delivery", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tracker_id", "delivery", name="pk_tracker_deliveries"),
        _of_tracker("tracker_deliveries"),
    )
    op.create_index("ix_tracker_deliveries_at", "tracker_deliveries", ["at"])


def downgrade() -> None:
    for name in ("tracker_deliveries", "ticket_policies", "tracker_accounts", "tickets", "trackers"):
        op.drop_table(name)


def _of_tracker(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tracker_id_trackers"
    return sa.ForeignKeyConstraint(["tracker_id"], ["trackers.id"], name=name, ondelete="CASCADE")


def _trackers() -> None:
    op.create_table(
        "trackers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("api", sa.String(500), nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("account", sa.String(254), nullable=False),
        sa.Column("issue_type", sa.String(100), nullable=False),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("webhook_secret", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("sends_restricted", sa.Boolean, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("looked_at", INSTANT),
        sa.Column("looked_to", INSTANT),
        sa.Column("edited_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trackers"),
        sa.UniqueConstraint("name", name="uq_trackers_name"),
        sa.CheckConstraint(
            "service IN ('github', 'gitlab', 'jira', 'linear')", name=op.f("ck_trackers_service")
        ),
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("tracker_id", sa.Integer, nullable=False),
        sa.Column("item_id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("shown", sa.String(150), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("mark", sa.String(36), nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.Column("base", JSON, nullable=False),
        sa.Column("theirs", JSON, nullable=False),
        sa.Column("stamp", sa.String(50), nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("begun_at", INSTANT),
        sa.Column("seen_at", INSTANT),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("tracker_id", "item_id", name="uq_tickets_tracker_id_item_id"),
        _of_tracker("tickets"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["action_items.id"], name="fk_tickets_item_id_action_items", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_tickets_item_id", "tickets", ["item_id"])
    op.create_index("ix_tickets_standing_id", "tickets", ["standing", "id"])
    op.create_index(
        "uq_tickets_key",
        "tickets",
        ["tracker_id", "key"],
        unique=True,
        sqlite_where=sa.text("key != ''"),
        postgresql_where=sa.text("key != ''"),
    )
