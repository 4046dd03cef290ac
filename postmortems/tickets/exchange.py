"""What the worker does with a ticket: create it once, or read it, settle it and send what is ours.

A webhook, a poll, an edit of the item and a press all ask for the same: nothing that they carry is trusted,
and what comes twice, late or out of order finds both sides as they are now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from postmortems import clock, visibility
from postmortems.db import session as db
from postmortems.db.session import is_changed, session
from postmortems.egress.client import NoSecret, Refused, Unreachable
from postmortems.incidents.models import ActionItem
from postmortems.notify.retry_schedule import WEBHOOK, Lent, Outcome, asked_pause_s
from postmortems.tickets import accounts, links, settlement, trackers, values
from postmortems.tickets.agreement import Values
from postmortems.tickets.models import CREATING, GONE, HELD, Ticket
from postmortems.tickets.values import People
from postmortems.trackers.issue import Draft, Issue
from postmortems.trackers.services import SERVICES, Service
from postmortems.trackers.wire import Failed, Host
from postmortems.vault.runtime import Runtime

# A creation whose answer was lost is looked for before it is asked for again, and not sooner: what some
# trackers have just made, their lists show late. Their clocks may be behind ours.
UNSURE, SLACK = timedelta(minutes=2), timedelta(minutes=10)
LONGEST_TROUBLE = 500


@dataclass(frozen=True, slots=True)
class Job:
    """A ticket that is to be looked at, as a value. `draft` is what is to be created, if it is."""

    ticket_id: int
    key: str
    asked: int
    service: Service
    host: Host
    asked_at: datetime
    begun_at: datetime | None
    draft: Draft | None
    ours: Values


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Look at the ticket of a message. Called outside any unit of work."""
    with visibility.seen_by(visibility.EVERYTHING):
        ticket_id = int(lent.payload["ticket"])
        number = int(lent.about.rpartition(":")[2])
        with db.transaction():
            job = job_of(ticket_id, number, runtime)
        if not isinstance(job, Job):
            return job
        try:
            if job.draft is not None:
                if not create(job, job.draft, runtime):
                    return Outcome(False, goes_on_in=UNSURE)
            else:
                _settle(job, job.service.read(job.host, job.key, runtime.egress), runtime)
        except Failed as failed:
            return _outcome(lent, job, failed)
        except (Refused, Unreachable) as failed:
            return _outcome(lent, job, Failed(str(failed)))
    return Outcome(True)


def noted(lent: Lent, outcome: Outcome, now: datetime) -> None:
    """Say on ticket and tracker why it could not be done, in the unit of work that notes the outcome."""
    with visibility.seen_by(visibility.EVERYTHING):
        ticket = session().get(Ticket, int(lent.payload["ticket"]))
        if ticket is None or outcome.goes_on_in is not None:
            return
        if not outcome.is_sent:
            ticket.trouble = outcome.trouble[:LONGEST_TROUBLE]
            ticket.tracker.trouble = ticket.trouble
        elif ticket.tracker.trouble:
            ticket.tracker.trouble = ""


def job_of(ticket_id: int, number: int, runtime: Runtime) -> Job | Outcome:
    """What is to be done, or the outcome where that is nothing."""
    ticket = loaded(ticket_id)
    if ticket is None or ticket.answered >= number:
        return Outcome(True)
    tracker, item = ticket.tracker, ticket.item
    held = "the tracker is switched off" if not tracker.is_enabled else ""
    if not held and not tracker.sends_restricted and links.is_secret(item):
        held = links.why_held(item.ref, tracker)
    if held:
        ticket.standing, ticket.trouble = CREATING if not ticket.key else HELD, held
        return Outcome(True)
    try:
        host = trackers.host(tracker, runtime.vault)
    except NoSecret as lost:
        return Outcome(False, str(lost), is_final=True)
    people = accounts.people(tracker, [item.owner])
    ours = values.of_item(item, people)
    return Job(
        ticket_id=ticket.id,
        key=ticket.key,
        asked=ticket.asked,
        service=SERVICES[tracker.service],
        host=host,
        asked_at=ticket.at,
        begun_at=ticket.begun_at,
        draft=None if ticket.key else _draft(ticket, item, ours, people, runtime.settings.url),
        ours=ours,
    )


def _draft(ticket: Ticket, item: ActionItem, ours: Values, people: People, url: str) -> Draft:
    return Draft(
        title=ours["title"] or item.ref,
        body=values.body(item, url.rstrip("/"), ticket.mark),
        mark=ticket.mark,
        assignee=people.theirs.get(ours.get("assignee") or "", ""),
        due=item.due,
    )


def create(job: Job, draft: Draft, runtime: Runtime) -> bool:
    """Create the issue, unless an earlier try did: then that one is ours.

    False where another worker is creating it now: it is looked at again, as that one may die meanwhile.
    """
    made = None
    if job.begun_at is not None:
        made = job.service.created(job.host, draft.mark, job.asked_at - SLACK, runtime.egress)
    if made is None:
        with db.transaction():
            if not _begins(job):
                return False
        made = job.service.create(job.host, draft, runtime.egress)
    with db.transaction():
        ticket = loaded(job.ticket_id)
        if ticket is not None:
            settlement.created(ticket, made, job.ours)
            ticket.answered = max(ticket.answered, job.asked)
    return True


def _begins(job: Job) -> bool:
    """Whether it is this worker's to create: one that was slow may have been taken over meanwhile."""
    mine = update(Ticket).where(Ticket.id == job.ticket_id, Ticket.key == "")
    known = Ticket.begun_at.is_(None) if job.begun_at is None else Ticket.begun_at == job.begun_at
    return is_changed(mine.where(known).values(begun_at=clock.now()))


def _settle(job: Job, issue: Issue, runtime: Runtime) -> None:
    """Take what changed there, send what changed here, and note where both did."""
    with db.transaction():
        ticket = loaded(job.ticket_id)
        if ticket is None:
            return
        wanted = settlement.settle(ticket, issue)
        if wanted is None:
            ticket.answered = max(ticket.answered, job.asked)
            return
        fields, change, ours = wanted
    after = job.service.change(job.host, issue, change, runtime.egress)
    with db.transaction():
        ticket = loaded(job.ticket_id)
        if ticket is not None:
            settlement.sent(ticket, after, fields, ours)
            ticket.answered = max(ticket.answered, job.asked)


def loaded(ticket_id: int) -> Ticket | None:
    """The ticket with its item and incident, as it is now."""
    wanted = select(Ticket).where(Ticket.id == ticket_id)
    whole = wanted.options(joinedload(Ticket.item).joinedload(ActionItem.incident))
    return session().scalars(whole.execution_options(populate_existing=True)).one_or_none()


def _outcome(lent: Lent, job: Job, failed: Failed) -> Outcome:
    """When it is tried again, or that it is not; an issue that is gone is looked for no more."""
    if failed.is_gone and job.draft is None:
        with db.transaction():
            ticket = session().get(Ticket, job.ticket_id)
            if ticket is not None:
                ticket.standing, ticket.trouble = (
                    GONE,
                    f"it is not there any more: {failed.told}"[:LONGEST_TROUBLE],
                )
        return Outcome(True)
    wait = wait_s(failed, clock.now())
    is_limit = failed.status == 429 or wait > 0
    usual = timedelta(seconds=WEBHOOK[min(lent.attempts, len(WEBHOOK) - 1)])
    # Only what was refused in so many words was surely not created.
    is_unsure = job.draft is not None and not is_limit
    return Outcome(
        False,
        failed.told,
        failed.status or None,
        is_final=failed.is_final,
        retry_after_s=wait,
        again_in=max(UNSURE, usual) if is_unsure else None,
    )


def wait_s(failed: Failed, now: datetime) -> int:
    """In how many seconds the tracker wants to be asked again; 0 where it does not say."""
    if failed.retry_after:
        return asked_pause_s(failed.retry_after, now)
    return 0 if failed.reset_at is None else max(0, ceil((failed.reset_at - now).total_seconds()))
