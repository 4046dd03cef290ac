"""Slash commands of chats, carried out once each in the name of one account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from postmortems import clock, visibility
from postmortems.accounts import queries as accounts
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.capture import chat_requests, command_text, operations
from postmortems.capture.chat_requests import ChatRequest
from postmortems.capture.chats import commands
from postmortems.capture.models import ChatCommand
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.incidents import queries
from postmortems.jobs import batches

SCOPES = frozenset({"read", "write"})
OVERTAKEN = "somebody else changed the same at this moment; try once more"
Refused = Invalid | NotFound | NotAllowed | Conflict


class Taken(NotAllowed):
    """A request that was taken before comes again."""

    def __init__(self) -> None:
        super().__init__("this request was taken before")


def from_slack(body: bytes, timestamp: str, signature: str, settings: Settings) -> ChatRequest:
    """Raises `NotFound` where no secret is set, `NotAllowed` for who is not Slack, `Invalid`."""
    signed_by_slack(body, timestamp, signature, settings)
    return chat_requests.of_slack(body, signature)


def signed_by_slack(body: bytes, timestamp: str, signature: str, settings: Settings) -> dict[str, str]:
    """The fields of what Slack sent and signed. Raises as `from_slack` does."""
    if not settings.slack_secrets:
        raise NotFound("this server takes no commands from Slack: set POSTMORTEMS_SLACK_SECRETS")
    if not chat_requests.is_signed(body, timestamp, signature, settings.slack_secrets, clock.now()):
        raise NotAllowed("the signature is not Slack's, or older than five minutes")
    return chat_requests.fields(body)


def from_mattermost(body: bytes, settings: Settings) -> ChatRequest:
    """Raises `NotFound` where no token is set, `NotAllowed` for who has none of them, `Invalid`."""
    if not settings.mattermost_tokens:
        raise NotFound("this server takes no commands from Mattermost: set POSTMORTEMS_MATTERMOST_TOKENS")
    form = chat_requests.fields(body)
    if not chat_requests.is_token(form.get("token", ""), settings.mattermost_tokens):
        raise NotAllowed("the token is not that of a command we know")
    return chat_requests.of_mattermost(form)


def take(request: ChatRequest, settings: Settings) -> str:
    """Carry the command out, and say what came of it in words for who typed it.

    Restricted incidents are not there for a chat, whomever they name: who reads along is not known here.
    Raises a `Refused` for what is then not carried out.
    """
    if request.command == commands.NAME:
        return commands.answer(request, settings.url)
    said = command_text.read(request.text, request.user)
    if said.note is None:
        return command_text.USAGE
    with visibility.seen_by(visibility.NOBODY):
        actor = _actor(settings.chat_account)
        noted = operations.append(_slug(said.slug, actor), said.note, actor=actor)
    incident = noted.incident
    where = f"{settings.url}/incidents/{incident.slug}"
    return f"Noted at {noted.entry.written} in {_escaped(incident.title or incident.slug)}: {where}"


def carried_out(once: str, act: Callable[[], str], told: Callable[[Refused], str]) -> str:
    """What came of it, in words. What is refused is `told`, and is not tried again when it comes again.

    Opens its own units of work. Raises `Taken` for what was taken before.
    """
    try:
        with db.transaction():
            remember(once)
            return act()
    except Taken:
        raise
    except (Invalid, NotFound, NotAllowed, Conflict) as refused:
        words = told(refused)
    except (IntegrityError, StaleDataError):
        # Either the very same came twice at once, or another change of the same thing was quicker.
        words = told(Conflict(OVERTAKEN))
    try:
        with db.transaction():
            remember(once)
    except IntegrityError:
        raise Taken from None
    return words


def remember(once: str) -> None:
    """Take what can be done once. Raises `Taken`; of two at once the database refuses one."""
    if session().get(ChatCommand, once) is not None:
        raise Taken
    insert(ChatCommand(digest=once, taken_at=clock.now()))


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some of the requests that were taken before that."""
    return batches.some(ChatCommand, ChatCommand.digest, ChatCommand.taken_at < before)


def note_forgery(chat: str, address: str) -> None:
    """Somebody sent what no chat of ours did; recorded, but not as often as they like."""
    audit.record_rarely(Actor.nobody(), "chat.forged", "integration", chat, address=address[:64])


def _actor(name: str) -> Actor:
    user = accounts.named(name) if name else None
    if user is None or not user.is_active:
        raise NotFound("there is no account that notes for chats: POSTMORTEMS_CHAT_ACCOUNT has to name one")
    given = teams.roles_of(user.id)
    return Actor(
        kind="token", name=user.name, role=user.role, user_id=user.id, scopes=SCOPES, team_roles=given
    )


def _slug(said: str, actor: Actor) -> str:
    if said:
        return queries.by_slug(said, actor).slug
    incident = operations.newest_draft()
    if incident is None:
        raise NotFound("there is no draft of an incident; begin one, or name it as #its-name")
    return incident.slug


def _escaped(text: str) -> str:
    """Words in which neither chat sees markup (Slack: "Formatting text", escaping)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
