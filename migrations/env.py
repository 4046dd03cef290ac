"""Alembic's entry: runs on the connection that `db.migrations` has locked, within its transaction."""

from alembic import context

import postmortems.accounts.models
import postmortems.audit.models
import postmortems.capture.models
import postmortems.exchange.git_sync.models
import postmortems.exchange.models
import postmortems.gate.models
import postmortems.guards.models
import postmortems.incidents.approvals.models
import postmortems.incidents.attachments.models
import postmortems.incidents.comments.models
import postmortems.incidents.drafts.models
import postmortems.incidents.mentions.models
import postmortems.incidents.models
import postmortems.incidents.public_reports.models
import postmortems.incidents.tallies.models
import postmortems.incidents.templates.models
import postmortems.incidents.warnings
import postmortems.jobs.models
import postmortems.reviews.models
import postmortems.search.models  # noqa: F401
from postmortems.db import full_text
from postmortems.db.session import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=lambda name, kind, _: not full_text.is_index(name, kind),
)
context.run_migrations()
