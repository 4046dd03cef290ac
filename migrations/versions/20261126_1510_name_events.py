"""Let whoever sends evidence name it, and find failures and what was decided about an artifact quickly."""

import sqlalchemy as sa
from alembic import op

revision = "20261126_1510"
down_revision = "20261126_1505"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("evidence", sa.Column("event_id", sa.String(length=100), nullable=True))
    op.create_index(
        op.f("ix_evidence_issuer_kind_event_id"), "evidence", ["issuer", "kind", "event_id"], unique=True
    )
    op.create_index(
        op.f("ix_evidence_kind_target_id_result_observed_at"),
        "evidence",
        ["kind", "target_id", "result", "observed_at"],
    )
    op.create_index(op.f("ix_decisions_artifact_target"), "decisions", ["artifact", "target"])


def downgrade() -> None:
    op.drop_index(op.f("ix_decisions_artifact_target"), "decisions")
    op.drop_index(op.f("ix_evidence_kind_target_id_result_observed_at"), "evidence")
    op.drop_index(op.f("ix_evidence_issuer_kind_event_id"), "evidence")
    op.drop_column("evidence", "event_id")
