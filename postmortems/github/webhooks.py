"""Webhooks from GitHub: checked, accepted once, answered at once and worked on later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, update

from postmortems import clock
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.errors import Invalid, NotAllowed, NotFound
from postmortems.formats.payloads import Unreadable
from postmortems.github import apps, payloads
from postmortems.github.models import GithubEnvironment, GithubRequest
from postmortems.jobs import batches
from postmortems.notify import outbox
from postmortems.notify.models import Message
from postmortems.vault.encryption import Vault

CHANNEL = "github"
EVENT = "deployment_protection_rule"
LONGEST_DELIVERY = 100
GITHUB = Actor(kind="ci", name="github")


def receive(event: str, delivery: str, signature: str, body: bytes, *, vault: Vault) -> str:
    """One word on what came of it. A delivery that comes again changes nothing.

    Raises `NotFound` without an App, `NotAllowed` for a wrong signature, `Invalid` for a payload that cannot
    be read.
    """
    app = apps.current()
    if app is None:
        raise NotFound("this server is no GitHub App")
    if not payloads.is_signed(body, signature, apps.webhook_secret(app, vault)):
        raise NotAllowed("the signature is not GitHub's")
    if event != EVENT:
        return "ignored"
    if not 0 < len(delivery) <= LONGEST_DELIVERY or not delivery.isprintable():
        raise Invalid("X-GitHub-Delivery is missing")
    try:
        asked = payloads.requested(body)
    except Unreadable as unreadable:
        raise Invalid(str(unreadable)) from None
    if asked is None:
        return "ignored"
    now = clock.now()
    if outbox.put(CHANNEL, asked.repository_id, delivery, {"type": EVENT}, now) is None:
        return "known"
    session().add(GithubRequest(delivery=delivery, asked=asked.plain(), answer={}, said="", received_at=now))
    # A repository that was renamed or moved is called by its new name, and its installation is known.
    newest = update(GithubEnvironment).where(GithubEnvironment.repository_id == asked.repository_id)
    session().execute(newest.values(repository=asked.repository, installation_id=asked.installation_id))
    told = {"repository": asked.repository, "environment": asked.environment, "sha": asked.sha}
    audit.record(GITHUB, "github.asked", "integration", "github", run=asked.run_id, **told)
    return "accepted"


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some questions from before that, but for those that are not answered yet."""
    is_open = exists().where(
        Message.channel == CHANNEL, Message.about == GithubRequest.delivery, Message.state == "waiting"
    )
    return batches.some(GithubRequest, GithubRequest.delivery, GithubRequest.received_at < before, ~is_open)


def note_forgery(address: str) -> None:
    """Somebody sent what GitHub did not sign; recorded, but not as often as they like."""
    audit.record_rarely(Actor.nobody(), "github.forged", "integration", "github", address=address[:64])
