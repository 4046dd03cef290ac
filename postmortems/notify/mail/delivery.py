"""Delivery of mail: who reads it, and whether they want it, is looked up when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from postmortems import clock, mail_addresses, visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify import bundles, outbox
from postmortems.notify.letters import LETTERS
from postmortems.notify.mail import message, replies, smtp
from postmortems.notify.mail.message import Envelope
from postmortems.notify.models import Message
from postmortems.notify.notice import Notice
from postmortems.notify.people import operations as people
from postmortems.notify.people import queries, quiet_hours
from postmortems.notify.people.kinds import KINDS, MAIL, hears
from postmortems.notify.people.links import Links
from postmortems.notify.retry_schedule import Lent, Outcome
from postmortems.vault.runtime import Runtime
from postmortems.visibility import Viewer

CHANNEL = people.CHANNEL
# How soon it is tried again where the operator has taken the mail server away.
NO_SERVER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that is to be sent now."""

    notice: Notice
    to: str
    off_url: str
    settings_url: str
    made_at: datetime
    # Of what goes together, of which nothing was left to tell.
    left_out: tuple[int, ...] = ()


def send(lent: Lent, runtime: Runtime) -> Outcome:
    """Hand one message in. What nobody is to hear of any more is final, and says why."""
    settings = runtime.settings
    if not settings.smtp_url:
        told = "no mail server is set (POSTMORTEMS_SMTP_URL)"
        return Outcome(False, told, again_in=NO_SERVER, is_channel_down=True)
    with db.reading():
        found = ready(lent, Links(settings), clock.now())
    if isinstance(found, Outcome):
        return found
    sender = mail_addresses.sender(settings.mail_from)
    envelope = Envelope(sender, found.to, lent.about, found.made_at, found.off_url, found.settings_url)
    reply = smtp.hand_in(
        mail_addresses.server(settings.smtp_url),
        sender.addr_spec,
        found.to,
        message.written(found.notice, envelope),
        greeting=urlsplit(settings.url).hostname or "",
        tls=runtime.egress.trusted(),
    )
    return replace(replies.outcome(reply), left_out=found.left_out)


def noted(lent: Lent, outcome: Outcome, now: datetime) -> None:
    """Keep what the mailbox said; what the server is to blame for says nothing of a mailbox."""
    is_dropped = not outcome.is_sent and outcome.status is None
    if outcome.is_channel_down or outcome.goes_on_in is not None or is_dropped:
        return
    user_id = int(lent.receiver)
    address = lent.payload.get("to") or queries.of_user(user_id).address
    people.note_outcome(user_id, address, outcome.trouble, now, is_gone=outcome.is_gone)


def ready(lent: Lent, links: Links, now: datetime) -> Ready | Outcome:
    """What is to be sent now, or why it is not, or later. In a unit of work."""
    letter = LETTERS[lent.payload["letter"]]
    user = queries.person(int(lent.receiver))
    if user is None:
        return _never("the account is switched off or removed")
    mine = queries.of_user(user.id)
    to, kind = lent.payload.get("to") or mine.mail_to, lent.payload.get("kind", "")
    if not to:
        return _never(
            f"mail is switched off: {mine.trouble}" if mine.trouble else "no mail address is confirmed"
        )
    if letter.has_switch:
        if not hears(mine.off, kind, MAIL):
            return _never(f"{user.name} wants no mail of this kind")
        free_at = quiet_hours.ends(now, mine.zone, mine.quiet_from, mine.quiet_until)
        if free_at > now:
            return Outcome(False, f"quiet hours of {user.name}", goes_on_in=free_at - now)
    with visibility.seen_by(Viewer(user.name)):
        all_of_it = {one.id: letter.write(one.payload, user, links) for one in (lent, *lent.others)}
    notices = [notice for notice in all_of_it.values() if notice is not None]
    if not notices:
        return Outcome(False, outbox.OVER, is_final=True)
    notice = bundles.together(kind, notices, links.page("/"), "What needs you today")
    left_out = tuple(id for id, found in all_of_it.items() if found is None)
    made_at = session().get_one(Message, lent.id).created_at
    if not letter.has_switch:
        return Ready(notice, to, "", "", made_at)
    off, chosen = links.off(user.id, kind), links.page("/settings/notifications")
    return Ready(notice, to, off, chosen, made_at, left_out)


def _never(why: str) -> Outcome:
    return Outcome(False, f"not sent: {why}", is_final=True)


def why(kind: str) -> str:
    """The last words of a mail of this kind."""
    return f"You hear of this because {KINDS[kind].why}."
