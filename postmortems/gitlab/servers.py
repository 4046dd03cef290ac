"""GitLab servers: their addresses, tokens, and how their requests are authenticated."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, session
from postmortems.egress import kept_urls
from postmortems.egress.client import NoSecret, Refused, Secret
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.gitlab import payloads
from postmortems.gitlab.client import Server
from postmortems.gitlab.models import GitlabServer
from postmortems.vault import encryption
from postmortems.vault.encryption import Vault

API = "https://gitlab.com/api/v4"
SHORTEST_SECRET = 16
# Each secret is tried on each webhook.
MOST = 20


def every() -> list[GitlabServer]:
    """All of them, by name."""
    return list(session().scalars(select(GitlabServer).order_by(GitlabServer.name).limit(MOST)))


def value(server: GitlabServer, vault: Vault) -> Server:
    """The server with its token in the clear: for the moment of a call."""
    token = vault.decrypt(server.access_token, f"the access token of {server.name}")
    return Server(server.api, Secret(token))


def signer(body: bytes, signature: str, vault: Vault) -> GitlabServer | None:
    """Who signed the body. All are tried, so that the time says nothing."""
    return _known_by(lambda secret: payloads.is_signed(body, signature, secret), vault)


def holder(token: str, vault: Vault) -> GitlabServer | None:
    """Whose secret the token is."""
    return _known_by(lambda secret: payloads.is_token(token, secret), vault)


def save(
    fields: Mapping[str, str], *, actor: Actor, vault: Vault, server_id: int | None = None
) -> GitlabServer:
    """Add a server, or change one; an empty token or secret leaves the one there is. Raises `Invalid`."""
    permissions.require(actor, "integration.manage")
    server = None if server_id is None else found(server_id)
    name, api = fields.get("name", "").strip(), fields.get("api", "").strip().rstrip("/") or API
    token, secret = fields.get("access_token", "").strip(), fields.get("webhook_secret", "").strip()
    problems = [*_problems(name, api, server), *_secret_problems(token, secret, server, vault)]
    if problems:
        raise Invalid(problems)
    if server is None:
        if len(every()) >= MOST:
            raise Conflict(f"there are {MOST} servers already")
        server = GitlabServer()
        session().add(server)
    elif server.api != api and not (token and secret):
        # What is kept for one address must not be sent to another by whoever can edit this.
        raise Invalid("to change the address, give the access token and the webhook secret again", "/api")
    server.name, server.api, server.edited_at = name, api, clock.now()
    if token:
        server.access_token = vault.encrypt(token)
    if secret:
        server.webhook_secret = vault.encrypt(secret)
    session().flush()
    told = {"api": api, "has_new_token": bool(token), "has_new_secret": bool(secret)}
    audit.record(actor, "gitlab.server_saved", "integration", name, **told)
    return server


def remove(server_id: int, *, actor: Actor) -> None:
    """Answer it no longer, and forget its places, what it asked, and its secrets."""
    permissions.require(actor, "integration.manage")
    server = found(server_id)
    session().delete(server)
    session().flush()
    audit.record(actor, "gitlab.server_removed", "integration", server.name, api=server.api)


def found(server_id: int) -> GitlabServer:
    """Raises `NotFound`."""
    return by_key(GitlabServer, server_id, "there is no such GitLab server")


def _known_by(is_its: Callable[[str], bool], vault: Vault) -> GitlabServer | None:
    found = [one for one in every() if is_its(_webhook_secret(one, vault))]
    return found[0] if found else None


def _webhook_secret(server: GitlabServer, vault: Vault) -> str:
    """The secret, or one that nobody has where the key that it was encrypted with is gone."""
    try:
        return vault.decrypt(server.webhook_secret, f"the webhook secret of {server.name}")
    except NoSecret:
        return secrets.token_hex()


def _problems(name: str, api: str, server: GitlabServer | None) -> list[Problem]:
    problems = []
    if not 0 < len(name) <= 100 or not name.isprintable():
        problems.append(Problem("/name", "write a name of at most 100 characters, as in gitlab.com"))
    elif any(one.name == name and one is not server for one in every()):
        problems.append(Problem("/name", f"there is a server named {name} already"))
    try:
        kept_urls.check(api, instead="the field for it keeps it encrypted")
        if len(api) > 500 or urlsplit(api).query or urlsplit(api).fragment:
            raise Refused(f"write the address of GitLab's API, such as {API}")
    except Refused as wrong:
        problems.append(Problem("/api", str(wrong)))
    return problems


def _secret_problems(token: str, secret: str, server: GitlabServer | None, vault: Vault) -> list[Problem]:
    problems = []
    if (token or server is None) and not (0 < len(token) <= 500 and encryption.VALUE.fullmatch(token)):
        problems.append(Problem("/access_token", "paste the access token as GitLab gave it"))
    if (secret or server is None) and not SHORTEST_SECRET <= len(secret) <= 200:
        told = f"the webhook secret has {SHORTEST_SECRET} to 200 characters; GitLab signs by it"
        problems.append(Problem("/webhook_secret", told))
    elif secret and holder(secret, vault) not in {None, server}:
        told = "another server has this secret already, and who sends a webhook is known by it alone"
        problems.append(Problem("/webhook_secret", told))
    return problems
