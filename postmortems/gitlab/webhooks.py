"""Webhooks from GitLab: checked, accepted once, answered at once and worked on later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.formats.payloads import Unreadable
from postmortems.gitlab import mappings, payloads, servers
from postmortems.gitlab.models import GitlabPlace, GitlabRequest, GitlabServer
from postmortems.gitlab.payloads import Asked
from postmortems.jobs import batches
from postmortems.notify import outbox
from postmortems.notify.models import Message
from postmortems.vault.encryption import Vault

CHANNEL = "gitlab"
GITLAB = Actor(kind="ci", name="gitlab")
NOT_MAPPED = "nothing says which target this is"


def receive(signature: str, token: str, body: bytes, *, vault: Vault) -> str:
    """One word on what came of it. A question that is being answered is not asked twice.

    Status checks are signed and must be; other webhooks bring the secret as their token. Raises `NotFound`
    without a server, `NotAllowed` for who is none of ours, `Invalid` for a payload that cannot be read.
    """
    if not servers.every():
        raise NotFound("this server answers no GitLab")
    server = servers.signer(body, signature, vault) or servers.holder(token, vault)
    if server is None:
        raise NotAllowed("neither the signature nor the token is that of a GitLab we know")
    try:
        asked = payloads.asked(body)
    except Unreadable as unreadable:
        raise Invalid(str(unreadable)) from None
    if asked is None:
        return "ignored"
    if asked.kind == "check" and servers.signer(body, signature, vault) is None:
        raise NotAllowed("a status check is signed: give it the secret on GitLab")
    renamed = update(GitlabPlace).where(
        GitlabPlace.server_id == server.id, GitlabPlace.project_id == asked.project_id
    )
    session().execute(renamed.values(project=asked.told["project"]))
    _end_earlier(server, asked)
    return "ignored" if asked.is_over else take(server, asked, clock.now())


def take(server: GitlabServer, asked: Asked, now: datetime) -> str:
    """Put the question where it is worked on; one that ended is asked anew, but for a deployment's."""
    about = ":".join([str(server.id), asked.kind, asked.project_id, asked.number, asked.check_id, asked.sha])
    row = session().get(GitlabRequest, about)
    if row is not None and (row.ended_at is None or (row.kind == "deployment" and row.said)):
        return "known"
    if row is None:
        row = GitlabRequest(
            about=about,
            server_id=server.id,
            kind=asked.kind,
            project_id=asked.project_id,
            number=asked.number,
            check_id=asked.check_id,
            sha=asked.sha,
        )
    row.target = mappings.target(server.id, asked.project_id, asked.told)
    row.asked, row.answer, row.said = asked.told, {}, ""
    row.asked_at, row.ended_at, row.trouble = now, None, "" if row.target else NOT_MAPPED
    session().add(row)
    if not row.target and row.kind == "deployment":
        # An environment that nobody gave to us is left to those who approve for it.
        row.ended_at = now
        return "ignored"
    if outbox.put(CHANNEL, f"{server.id}:{asked.project_id}", about, {"type": asked.kind}, now) is None:
        sent = select(Message).where(Message.channel == CHANNEL, Message.about == about)
        outbox.again(session().scalars(sent).one(), now)
    told = {"kind": asked.kind, "project": asked.told["project"], "number": asked.number}
    audit.record(GITLAB, "gitlab.asked", "integration", server.name, **told)
    return "accepted"


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some questions that ended before that."""
    is_over = GitlabRequest.asked_at < before, GitlabRequest.ended_at < before
    return batches.some(GitlabRequest, GitlabRequest.about, *is_over)


def note_forgery(address: str) -> None:
    """Somebody sent what no GitLab of ours did; recorded, but not as often as they like."""
    audit.record_rarely(Actor.nobody(), "gitlab.forged", "integration", "gitlab", address=address[:64])


def _end_earlier(server: GitlabServer, asked: Asked) -> None:
    """Look no more at a merge request's earlier commits, nor at one that was merged or closed."""
    waiting = select(GitlabRequest).where(
        GitlabRequest.server_id == server.id,
        GitlabRequest.project_id == asked.project_id,
        GitlabRequest.number == asked.number,
        GitlabRequest.kind == "check",
        GitlabRequest.check_id == asked.check_id,
        GitlabRequest.ended_at.is_(None),
    )
    for row in session().scalars(waiting) if asked.kind == "check" else ():
        # Events may come out of order.
        is_newer = row.asked["updated_at"] <= asked.told["updated_at"]
        if is_newer and (asked.is_over or row.sha != asked.sha):
            told = "the merge request is over" if asked.is_over else "the branch has a newer commit"
            row.ended_at, row.trouble = clock.now(), told
