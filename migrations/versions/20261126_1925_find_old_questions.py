"""Find GitHub's old questions, so that they can be removed without reading all of them."""

from alembic import op

revision = "20261126_1925"
down_revision = "20261126_1842"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_github_requests_received_at", "github_requests", ["received_at"])


def downgrade() -> None:
    op.drop_index("ix_github_requests_received_at", "github_requests")
