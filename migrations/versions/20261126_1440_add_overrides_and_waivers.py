"""Add overrides, waivers and pauses, and how many people it takes to pass a guard over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261126_1440"
down_revision = "20261126_1430"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # Written out: with the constraint inside, SQLite need not copy the table.
    op.execute(
        "ALTER TABLE guards ADD COLUMN override VARCHAR(10) DEFAULT 'one' NOT NULL"
        " CONSTRAINT ck_guards_override CHECK (override IN ('none', 'one', 'two'))"
    )
    op.add_column("decisions", sa.Column("used_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("artifact", sa.String(length=200), nullable=False),
        sa.Column("guards", Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ticket", sa.String(length=500), nullable=False),
        sa.Column("expires_s", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requested_by", sa.String(length=100), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.String(length=100), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("items", Json, nullable=False),
        sa.CheckConstraint("state IN ('requested', 'granted', 'refused')", name=op.f("ck_overrides_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    op.create_index(op.f("ix_overrides_decision_id"), "overrides", ["decision_id"], unique=False)
    op.create_index(op.f("ix_overrides_state_id"), "overrides", ["state", "id"], unique=False)
    op.create_table(
        "waivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("guard", sa.String(length=100), nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("bound_to", sa.String(length=64), nullable=False),
        sa.Column("override_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(length=100), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=100), nullable=False),
        sa.Column("used_by", sa.String(length=40), nullable=False),
        sa.Column("told", sa.String(length=10), nullable=False),
        sa.CheckConstraint(
            "kind IN ('override', 'waiver', 'pause', 'probe_pause')", name=op.f("ck_waivers_kind")
        ),
        sa.ForeignKeyConstraint(
            ["override_id"],
            ["overrides.id"],
            name=op.f("fk_waivers_override_id_overrides"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waivers")),
    )
    op.create_index(op.f("ix_waivers_ends_at"), "waivers", ["ends_at"], unique=False)
    op.create_index(op.f("ix_waivers_guard_made_at"), "waivers", ["guard", "made_at"], unique=False)
    op.create_index(op.f("ix_waivers_override_id"), "waivers", ["override_id"], unique=False)


def downgrade() -> None:
    op.drop_table("waivers")
    op.drop_table("overrides")
    op.drop_column("decisions", "used_at")
    op.drop_column("guards", "override")
