"""Let messages be held: what waited in a database that was restored may have been sent since."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_0700"
down_revision = "20261201_0500"
branch_labels = None
depends_on = None

NAME = "ck_outbox_state"


def upgrade() -> None:
    _let("state IN ('waiting', 'sent', 'dead', 'held')")


def downgrade() -> None:
    op.execute(
        sa.text("UPDATE outbox SET state = 'dead', trouble = 'held after a restore' WHERE state = 'held'")
    )
    _let("state IN ('waiting', 'sent', 'dead')")


def _let(states: str) -> None:
    with op.batch_alter_table("outbox") as outbox:
        # A batch of SQLite makes the table anew, and knows of no checks.
        if op.get_bind().dialect.name != "sqlite":
            outbox.drop_constraint(op.f(NAME), type_="check")
        outbox.create_check_constraint(op.f(NAME), states)
