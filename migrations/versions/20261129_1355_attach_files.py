"""Attach pictures and files to incidents: each content once, its uploads, and who uses them."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_1355"
down_revision = "20261129_1345"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_stored_files"),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["stored_files.sha256"], name="fk_attachments_sha256_stored_files"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_sha256", "attachments", ["sha256"])
    op.create_index("ix_attachments_created_by_id", "attachments", ["created_by", "id"])
    op.create_table(
        "attachment_uses",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(500), nullable=False),
        sa.Column("attachment_id", sa.String(22), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name="fk_attachment_uses_incident_id_incidents",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name="fk_attachment_uses_attachment_id_attachments",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("incident_id", "link", name="pk_attachment_uses"),
    )
    op.create_index("ix_attachment_uses_attachment_id", "attachment_uses", ["attachment_id"])


def downgrade() -> None:
    op.drop_table("attachment_uses")
    op.drop_table("attachments")
    op.drop_table("stored_files")
