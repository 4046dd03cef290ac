"""Create guards and evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_0920"
down_revision = "20261123_0910"
branch_labels = None
depends_on = None

Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "guards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("config", Json, nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("on_error", sa.String(length=10), nullable=False),
        sa.Column("max_age_s", sa.Integer(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level IN ('shadow', 'advisory', 'soft', 'hard')", name=op.f("ck_guards_level")),
        sa.CheckConstraint("on_error IN ('block', 'warn')", name=op.f("ck_guards_on_error")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guards")),
        sa.UniqueConstraint("slug", name=op.f("uq_guards_slug")),
    )
    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("name", name=op.f("uq_services_name")),
    )
    op.create_table(
        "evaluations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guard_id", sa.Integer(), nullable=True),
        sa.Column("guard_slug", sa.String(length=100), nullable=False),
        sa.Column("guard_revision", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=True),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=201), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=60), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("observed", Json, nullable=True),
        sa.Column("expected", Json, nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["guard_id"], ["guards.id"], name=op.f("fk_evaluations_guard_id_guards"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    op.create_index(op.f("ix_evaluations_decision_id"), "evaluations", ["decision_id"], unique=False)
    op.create_index(op.f("ix_evaluations_guard_id_at"), "evaluations", ["guard_id", "at"], unique=False)
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_targets_service_id_services"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint("service_id", "name", name=op.f("uq_targets_service_id_name")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=True),
        sa.Column("guard_id", sa.Integer(), nullable=True),
        sa.Column("predicate", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sha", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("trust", sa.String(length=20), nullable=False),
        sa.Column("decision_id", sa.String(length=40), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["guard_id"], ["guards.id"], name=op.f("fk_evidence_guard_id_guards"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_evidence_target_id_targets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(
        op.f("ix_evidence_guard_id_observed_at"), "evidence", ["guard_id", "observed_at"], unique=False
    )
    op.create_index(
        op.f("ix_evidence_kind_target_id_observed_at"),
        "evidence",
        ["kind", "target_id", "observed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_evidence_sha_kind_predicate"), "evidence", ["sha", "kind", "predicate"], unique=False
    )
    op.create_index(
        op.f("ix_evidence_subject_kind_predicate"), "evidence", ["subject", "kind", "predicate"], unique=False
    )
    op.create_table(
        "guard_targets",
        sa.Column("guard_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guard_id"], ["guards.id"], name=op.f("fk_guard_targets_guard_id_guards"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.id"], name=op.f("fk_guard_targets_target_id_targets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("guard_id", "target_id", name=op.f("pk_guard_targets")),
    )
    op.create_index(op.f("ix_guard_targets_target_id"), "guard_targets", ["target_id"], unique=False)


def downgrade() -> None:
    op.drop_table("guard_targets")
    op.drop_table("evidence")
    op.drop_table("targets")
    op.drop_table("evaluations")
    op.drop_table("services")
    op.drop_table("guards")
