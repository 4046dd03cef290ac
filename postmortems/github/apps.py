"""The GitHub App and its environments: which environment is which target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import by_key, insert, session
from postmortems.egress import kept_urls
from postmortems.egress.client import Refused
from postmortems.errors import Conflict, Invalid, Problem
from postmortems.github.client import App
from postmortems.github.models import GithubApp, GithubEnvironment
from postmortems.github.payloads import FULL_NAME
from postmortems.guards import queries as guards
from postmortems.vault.encryption import Vault

API = "https://api.github.com"
ONLY = 1
NUMBER = re.compile(r"[1-9]\d{0,18}")
SHORTEST_SECRET = 16
MOST = 500


def current() -> GithubApp | None:
    return session().get(GithubApp, ONLY)


def value(app: GithubApp, vault: Vault) -> App:
    """The App with its key in the clear: for the moment of a call."""
    return App(app.app_id, app.api, vault.decrypt(app.private_key, "the private key of the GitHub App"))


def webhook_secret(app: GithubApp, vault: Vault) -> str:
    return vault.decrypt(app.webhook_secret, "the webhook secret of the GitHub App")


def environments() -> list[GithubEnvironment]:
    """All of them, by repository and name."""
    by_name = select(GithubEnvironment).order_by(GithubEnvironment.repository, GithubEnvironment.environment)
    return list(session().scalars(by_name.limit(MOST)))


def environment(repository_id: str, name: str) -> GithubEnvironment | None:
    mine = select(GithubEnvironment).where(
        GithubEnvironment.repository_id == repository_id, GithubEnvironment.environment == name
    )
    return session().scalar(mine)


def save(fields: Mapping[str, str], *, actor: Actor, vault: Vault) -> GithubApp:
    """Become an App, or change it; an empty key or secret leaves the one there is. Raises `Invalid`."""
    permissions.require(actor, "integration.manage")
    app = current()
    key, secret = fields.get("private_key", "").strip(), fields.get("webhook_secret", "").strip()
    api = fields.get("api", "").strip().rstrip("/") or API
    problems = [*_problems(fields.get("app_id", "").strip(), api), *_secret_problems(key, secret, app)]
    if problems:
        raise Invalid(problems)
    if app is None:
        app = GithubApp(id=ONLY)
        session().add(app)
    elif app.api != api and not (key and secret):
        # What is kept for one address must not be sent to another by whoever can edit this.
        raise Invalid("to change the address, give the private key and the webhook secret again", "/api")
    app.app_id, app.api, app.edited_at = fields["app_id"].strip(), api, clock.now()
    if key:
        app.private_key = vault.encrypt(f"{key}\n")
    if secret:
        app.webhook_secret = vault.encrypt(secret)
    session().flush()
    told = {"app_id": app.app_id, "api": api, "has_new_key": bool(key), "has_new_secret": bool(secret)}
    audit.record(actor, "github.app_saved", "integration", "github", **told)
    return app


def add_environment(
    repository_id: str, repository: str, name: str, target: str, posts_statuses: bool, *, actor: Actor
) -> GithubEnvironment:
    """Say which target an environment is. Raises `Invalid` with pointers, or `Conflict`."""
    permissions.require(actor, "integration.manage")
    problems = []
    if not NUMBER.fullmatch(repository_id):
        problems.append(Problem("/repository_id", "write the repository's number: names can be taken over"))
    if not FULL_NAME.fullmatch(repository):
        problems.append(Problem("/repository", "write owner/name, as in data8/infrastructure"))
    if not 0 < len(name) <= 255 or not name.isprintable():
        problems.append(Problem("/environment", "write the environment's name, as in prod"))
    if guards.target_named(target) is None:
        problems.append(
            Problem("/target", f"{target or 'this'} is no target we know; write one as data8/prod")
        )
    if problems:
        raise Invalid(problems)
    if environment(repository_id, name) is not None:
        raise Conflict(f"the environment {name} of {repository} has a target already")
    if len(environments()) >= MOST:
        raise Conflict(f"there are {MOST} environments already")
    row = GithubEnvironment(
        repository_id=repository_id,
        repository=repository,
        environment=name,
        target=target,
        posts_statuses=posts_statuses,
    )
    insert(row)
    audit.record(
        actor, "github.environment_added", "target", target, repository=repository, environment=name
    )  # fmt: skip
    return row


def remove_environment(environment_id: int, *, actor: Actor) -> None:
    """Guard it no longer: its jobs are refused from then on, as nothing says where they go."""
    permissions.require(actor, "integration.manage")
    row = by_key(GithubEnvironment, environment_id, "there is no such environment")
    session().delete(row)
    session().flush()
    told = {"repository": row.repository, "environment": row.environment}
    audit.record(actor, "github.environment_removed", "target", row.target, **told)


def _problems(app_id: str, api: str) -> list[Problem]:
    problems = []
    if not NUMBER.fullmatch(app_id):
        problems.append(Problem("/app_id", "write the App's number, as its page on GitHub shows it"))
    try:
        kept_urls.check(api, instead="the field for it keeps it encrypted")
        if len(api) > 500 or urlsplit(api).query:
            raise Refused("write the address of GitHub's API, such as https://api.github.com")
    except Refused as wrong:
        problems.append(Problem("/api", str(wrong)))
    return problems


def _secret_problems(key: str, secret: str, app: GithubApp | None) -> list[Problem]:
    problems = []
    if (key or app is None) and not _is_rsa(key):
        told = (
            "paste the private key as GitHub gave it: a PEM that begins with -----BEGIN RSA PRIVATE KEY-----"
        )
        problems.append(Problem("/private_key", told))
    if (secret or app is None) and not SHORTEST_SECRET <= len(secret) <= 200:
        told = f"the webhook secret has {SHORTEST_SECRET} to 200 characters; GitHub signs by it"
        problems.append(Problem("/webhook_secret", told))
    return problems


def _is_rsa(pem: str) -> bool:
    try:
        return isinstance(load_pem_private_key(pem.encode(), None), RSAPrivateKey)
    except (ValueError, TypeError):
        return False
