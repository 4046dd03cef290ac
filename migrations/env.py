"""Alembic's entry: runs on the connection that `db.migrations` has locked, within its transaction."""

import sys
import time

from alembic import context
from sqlalchemy import exists, select

import postmortems.accounts.company.models
import postmortems.accounts.factors.models
import postmortems.accounts.models
import postmortems.accounts.programs.models
import postmortems.assistants.models
import postmortems.audit.models
import postmortems.capture.chats.models
import postmortems.capture.models
import postmortems.exchange.git_sync.models
import postmortems.exchange.models
import postmortems.followup.bulk.models
import postmortems.followup.item.models
import postmortems.followup.policies.models
import postmortems.followup.views.models
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
import postmortems.notify.access.models
import postmortems.notify.channels.models
import postmortems.notify.digests.models
import postmortems.notify.inbox.models
import postmortems.notify.models
import postmortems.notify.people.models
import postmortems.reports.monthly.models
import postmortems.reviews.models
import postmortems.search.models  # noqa: F401
from postmortems.db import full_text, migrations
from postmortems.db.session import Base
from postmortems.incidents.models import Incident
from postmortems.incidents.tallies.models import Tally, TallyGuard, TallyPlace, TallySum, TallyTarget
from postmortems.search.models import SearchEntry

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=lambda name, kind, _: migrations.is_of_a_model(name, kind),
)
COUNTED = (Tally, TallyGuard, TallyPlace, TallySum, TallyTarget)
# A start on a small database has nothing to wait for.
FEW = 500
# Seconds between two lines that say how far it is.
TOLD_EVERY = 5


def fill_tallies() -> None:
    """Count incidents that have no tally yet, as the reports of today mean it, on the tables of today.

    Not in the step that makes the tables: it would run on them as they were then.
    """
    missing = exists().where(Tally.incident_id == Incident.id)
    if connection.execute(select(Incident.id).where(~missing).limit(1)).first() is None:
        return
    # Here: to count takes the gate, which is much to load for a start that has nothing to count.
    from postmortems.db import session as db
    from postmortems.gate.tallies import recount

    growth = migrations.Growth(connection, (kind.__table__ for kind in COUNTED))

    def progress(done: int, count: int) -> None:
        tell(done, count)
        growth.told(done)

    with db.on(connection):
        recount.fill(progress)


def fill_index() -> None:
    """Put all that is found by search into its index, where that was just made and is empty."""
    if connection.execute(select(SearchEntry.id).limit(1)).first() is not None:
        return
    # Here: as above.
    from postmortems.guards import search_entries as guards
    from postmortems.incidents import search_entries as incidents

    guards.put_all(connection)
    # To make it is to lock it: where there is no incident, others may be at work already.
    if connection.execute(select(Incident.id).limit(1)).first() is None:
        return
    told, growth = time.monotonic(), migrations.Growth(connection, [SearchEntry.__table__])
    with full_text.made_afterwards(connection):
        for done, count in incidents.put_all(connection):
            growth.told(done)
            if time.monotonic() - told >= TOLD_EVERY:
                told = time.monotonic()
                sys.stderr.write(f"making the index for search: {done:,} of {count:,} incidents\n")
                sys.stderr.flush()


def tell(done: int, count: int) -> None:
    if count > FEW:
        sys.stderr.write(f"counted {done:,} of {count:,} incidents\n")
        sys.stderr.flush()


context.run_migrations()
if context.get_context().get_current_revision() == context.get_head_revision():
    fill_tallies()
    fill_index()
    migrations.promise(connection)
