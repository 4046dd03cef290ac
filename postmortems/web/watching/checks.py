"""What `doctor` looks at beyond this process: the clock, the worker, mail, and the way out.

Each says what it found, or raises `Misconfigured` with what to do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from postmortems import clock as our_clock
from postmortems import mail_addresses
from postmortems.config import Settings
from postmortems.errors import Misconfigured

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

# Leases last minutes, and what is due is due to the second.
CLOCKS_DIFFER_AT_MOST = timedelta(seconds=5)
# A worker looks for what is due every few seconds, and a job that waits for a thread waits less.
LATE = timedelta(minutes=5)
WITHIN_S = 10.0


def clock(engine: Engine) -> str:
    """Whether the database has the same time; SQLite has no clock of its own."""
    if engine.dialect.name != "postgresql":
        return "the database is a file and has no clock of its own"
    from sqlalchemy import text

    with engine.connect() as connection:
        before = our_clock.now()
        theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = our_clock.now()
    return compared(before + (after - before) / 2, theirs)


def replica(settings: Settings, engine: Engine) -> str:
    """Whether the replica is there and near enough to be read."""
    if not settings.read_database_url:
        return "POSTMORTEMS_READ_DATABASE_URL is not set; reports and exports read the database itself"
    from postmortems.db import session as db
    from postmortems.db.replica import Replica

    found = Replica(db.make_engine(settings.read_database_url), engine)
    try:
        state = found.state()
    finally:
        found.engine.dispose()
    if not state.is_near:
        raise Misconfigured(f"{state}: start it, let it follow, or correct POSTMORTEMS_READ_DATABASE_URL")
    return str(state)


def compared(ours: datetime, theirs: datetime) -> str:
    """How far our clock and the database's are apart."""
    apart = ours - theirs
    told = f"this machine's clock is {abs(apart).total_seconds():.1f} s"
    told = f"{told} {'ahead of' if apart > timedelta() else 'behind'} the database's"
    if abs(apart) > CLOCKS_DIFFER_AT_MOST:
        raise Misconfigured(
            f"{told}: jobs would run early or late; keep both by one time server (NTP), with chrony or "
            "systemd-timesyncd"
        )
    return told


def months(settings: Settings) -> str:
    """Whether the next month is there for what is kept by month. Within a unit of work that reads."""
    from postmortems.db import partitions
    from postmortems.db import session as db

    if db.engine().dialect.name != "postgresql":
        return "an SQLite file keeps verdicts and events whole"
    now = our_clock.now()
    if lacking := partitions.missing(now, partitions.kept_for(settings), 1):
        named = ", ".join(f"{part.table} of {part.begins:%Y-%m}" for part in lacking)
        raise Misconfigured(
            f"{named}: not there, so that what is written then is not removed as a whole; a worker makes "
            "months ahead: start `python -m postmortems worker`, or look into its log"
        )
    return "verdicts and events have the months that come"


def worker() -> str:
    """Whether a worker does what is due. Within a unit of work that reads."""
    from postmortems.jobs import leases

    now = our_clock.now()
    if not leases.names():
        return "none has run here yet; `serve` has one inside, or start `python -m postmortems worker`"
    count, since = leases.overdue(now)
    if since is not None and now - since > LATE:
        minutes = int((now - since).total_seconds() // 60)
        raise Misconfigured(
            f"{count} of its jobs are due and nobody does them, one for {minutes} minutes: start "
            "`python -m postmortems worker`, or look into its log"
        )
    return "nothing that is due waits for one"


def mail(settings: Settings) -> str:
    """Whether the mail server lets us in; nothing is sent."""
    if not settings.smtp_url:
        return "POSTMORTEMS_SMTP_URL is not set; none is sent"
    from postmortems.egress import client
    from postmortems.notify.mail import smtp

    server = mail_addresses.server(settings.smtp_url)
    greeting, tls = urlsplit(settings.url).hostname or "", client.of(settings).trusted()
    reply = smtp.knock(server, greeting=greeting, tls=tls, timeout_s=WITHIN_S)
    place = f"{server.host} port {server.port}"
    if reply.by != "taken":
        raise Misconfigured(f"{place}: {reply.said}; correct POSTMORTEMS_SMTP_URL, or look there")
    ways = {"": "without TLS", "starttls": "with STARTTLS", "tls": "with TLS"}
    entered = " and takes our name and password" if server.user else ""
    return f"{place} answers {ways[server.tls]}{entered}"


def way_out(settings: Settings) -> str:
    """Whether calls go out, to the address that is there for that."""
    if not settings.control_url:
        return "POSTMORTEMS_CONTROL_URL is not set, so nothing was called"
    from postmortems.egress import client
    from postmortems.egress.urls import Refused, Unreachable

    try:
        answer = client.of(settings).get(settings.control_url, timeout_s=WITHIN_S)
    except Refused as refused:
        raise Misconfigured(
            f"{settings.control_url} may not be called: {refused.detail}; allow it by "
            "POSTMORTEMS_EGRESS_ALLOW, or name another as POSTMORTEMS_CONTROL_URL"
        ) from None
    except Unreachable as broken:
        raise Misconfigured(
            f"{settings.control_url} cannot be reached: {broken.detail}; look at this machine's network and "
            "name server, and at what lies between"
        ) from None
    return f"{settings.control_url} answers {answer.status} after {answer.latency_ms} ms"
