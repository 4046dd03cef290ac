"""Git sync: imports what was edited in the repository, and commits what was edited here.

A step is either a call to the other side or one unit of work here, never both. What is pushed is noted
before; so whichever step a sync dies at, the next one finds what was done and goes on.
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
from collections.abc import Callable
from datetime import datetime

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import server_clock
from postmortems.db import session as db
from postmortems.egress import client as egress
from postmortems.egress.client import Egress
from postmortems.errors import Conflict, Refusal
from postmortems.exchange.git import address as git_address
from postmortems.exchange.git import commit, transport
from postmortems.exchange.git.commit import Branch, Person
from postmortems.exchange.git.transport import Tip
from postmortems.exchange.git_sync import pull, push, repositories
from postmortems.exchange.git_sync.models import Remote
from postmortems.exchange.git_sync.state import SYNC, Held, Outcome
from postmortems.exchange.imports import files

log = logging.getLogger(__name__)

# How often a push may find that somebody was quicker, and how often there may be more to write.
TRIES, MOST_ROUNDS = 5, 200


def silent(line: str) -> None:
    """Print nothing: for a sync without a terminal."""


def run(
    remote_id: int,
    *,
    way_out: Egress,
    mail: str,
    actor: Actor = SYNC,
    tell: Callable[[str], None] = silent,
) -> Outcome:
    """Sync one remote. Raises `Conflict` while another does, and `Refusal` with what stood in the way."""
    permissions.require(actor, "remote.manage")
    holder = f"{platform.node()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    with db.transaction():
        held = Held.of(repositories.one(remote_id, actor=actor), holder, files.is_report, False)
        repositories.claim(remote_id, holder, server_clock.now())
    outcome, trouble = Outcome(tell), ""
    try:
        # A file is known again whomever its incident is shown to; what goes out is what all may see.
        with visibility.seen_by(visibility.EVERYTHING):
            _sync(held, outcome, way_out, mail)
    except Refusal as refusal:
        trouble = " ".join(refusal.detail.split())
        raise
    except BaseException:
        trouble = "it stopped half-way; the next sync continues where it was"
        raise
    finally:
        _let_go(held, outcome, trouble, actor)
    return outcome


def try_out(remote: Remote, *, way_out: Egress, mail: str, tell: Callable[[str], None] = silent) -> Outcome:
    """Say what a sync of this remote, stored or not, would do, and change nothing on either side."""
    held, outcome = Held.of(remote, "", files.is_report, True), Outcome(tell)
    address = git_address.read(held.url, is_operator=True)
    secret = _secret(held, way_out)
    with (
        transport.opened(address, held.branch, way_out=way_out, secret=secret) as tip,
        visibility.seen_by(visibility.EVERYTHING),
    ):
        pull.bring(held, tip, outcome)
        for one in push.ready(held, tip, mail):
            outcome.written += 1
            outcome.say(f"to write {one.slug} → {one.edit.path}")
    return outcome


def run_due(now: datetime, *, way_out: Egress, mail: str) -> int:
    """Sync the remotes whose time has come, one after the other; returns how many were."""
    with db.reading():
        waiting = repositories.due(now)
    for remote_id in waiting:
        try:
            run(remote_id, way_out=way_out, mail=mail)
        except Refusal as refusal:
            # It is noted on the remote, and the others have their turn.
            log.warning("the sync of repository %s: %s", remote_id, refusal)
    return len(waiting)


def _sync(held: Held, outcome: Outcome, way_out: Egress, mail: str) -> None:
    # Who may name which address was asked when it was stored.
    address = git_address.read(held.url, is_operator=True)
    secret = _secret(held, way_out)
    tries = 0
    for _ in range(MOST_ROUNDS):
        with transport.opened(address, held.branch, way_out=way_out, secret=secret) as tip:
            outcome.commit = tip.id
            pull.bring(held, tip, outcome)
            out = push.ready(held, tip, mail)
            if not out:
                return
            push.announce(held, out)
            branch = _committed(tip, out, mail)
            if commit.push(branch, way_out=way_out, secret=secret):
                outcome.commit = (branch.head or b"").decode()
                push.note(held, out, outcome)
                if len(out) < push.AT_ONCE:
                    return
                continue
        tries += 1
        if tries == TRIES:
            raise Conflict(f"{held.url}: others pushed each time before us; sync again")


def _committed(tip: Tip, out: list[push.Ready], mail: str) -> Branch:
    branch = Branch(tip, Person("Postmortems", mail.replace("{name}", "postmortems")))
    for one in out:
        branch.grow(one.edit)
    return branch


def _secret(held: Held, way_out: Egress) -> str:
    if not held.secret:
        return ""
    try:
        return way_out.secret(held.secret, held.url).reveal()
    except egress.Refused as refused:
        raise Refusal(f"{held.url}: {refused}") from refused


def _let_go(held: Held, outcome: Outcome, trouble: str, actor: Actor) -> None:
    now = clock.now()
    noted = {
        "result": trouble or outcome.in_words(for_all=True),
        "remarks": outcome.remarks(),
        "is_failed": bool(trouble),
    }
    if not trouble:
        noted |= {"commit": outcome.commit, "synced_at": now}
    with db.transaction():
        repositories.finish(held.remote_id, held.holder, now, **noted)
        if outcome.brought or outcome.written or outcome.seen_conflicts:
            audit.record(
                actor, "remote.synced", "remote", str(held.remote_id), url=held.url[:200],
                brought=outcome.brought, written=outcome.written, conflicts=outcome.seen_conflicts,
                commit=outcome.commit,
            )  # fmt: skip
