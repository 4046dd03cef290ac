"""The company of the year: people in teams, services with guards, jobs that ping, a program that asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Flask
from sqlalchemy import insert, select

from postmortems.accounts import operations as accounts
from postmortems.accounts import sign_in
from postmortems.accounts.models import User
from postmortems.accounts.teams import operations as teams
from postmortems.actor import Actor
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.followup.policies import operations as policies
from postmortems.followup.policies.operations import PolicyValues
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import operations as guards
from postmortems.guards.kinds.heartbeat import pings
from postmortems.notify.people.models import NotificationSettings
from postmortems.vault.encryption import Vault
from tests.apps import KEY, LOOPBACK, app_on

OPERATOR = Actor.system("year")
A_TEAM, SERVICE_OF = 50, 100
# Of so many people one has switched mail on; the others read what they are told in their inbox.
MAIL_OF = 20
# Of so many services one has a guard that probes its staging.
PROBED_OF = 2
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Company:
    """What there is on the first day. Keys of jobs ping; `token` asks the gate and records evidence."""

    app: Flask
    settings: Settings
    people: Sequence[str]
    services: Sequence[str]
    jobs: Sequence[str]
    token: str

    def browser(self, now: datetime) -> Callable[[str], object]:
        """What opens a page, signed in as an admin from now on."""
        with db.transaction():
            admin = session().scalars(select(User).where(User.role == "admin")).one()
            secret = sign_in.open_session(admin, now)
        client = self.app.test_client()
        client.set_cookie("postmortems", secret)
        return partial(_opened, client.get)


def found(url: str, people: int, address: str, mail_url: str, keep_days: int) -> Company:
    """Make it in a database that has its tables. `address` is what guards probe, `mail_url` takes mail."""
    settings = {"egress_allow": LOOPBACK, "secrets_key": (KEY,), "smtp_url": mail_url}
    app = app_on(url, **settings, mail_from="postmortems@example.org", keep_days=keep_days)
    said: Settings = app.extensions["settings"]
    names = _people(people)
    _teams(names)
    services = [f"service-{number}" for number in range(max(2, people // SERVICE_OF))]
    vault = app.extensions["runtime"].vault
    jobs = [_service(number, name, address, vault) for number, name in enumerate(services)]
    with db.transaction():
        policies.create(PolicyValues(severity="SEV1", complete_days=14, warn_before=(3,)), actor=OPERATOR)
        policies.create(PolicyValues(complete_days=45, warn_before=(7,), lead_after=7), actor=OPERATOR)
        scopes = ["read", "gate:read", "evidence:write"]
        _, token = accounts.add_token("admin", "pipelines", scopes, None, actor=OPERATOR)
    return Company(app, said, names, services, jobs, token)


def _people(count: int) -> list[str]:
    names = [f"person-{number}" for number in range(count)]
    with db.transaction():
        accounts.add_user("admin", "admin", actor=OPERATOR)
    for start in range(0, count, AT_ONCE):
        with db.transaction():
            users = [accounts.add_user(name, "author", actor=OPERATOR) for name in names[start:][:AT_ONCE]]
            mail = [
                {"user_id": user.id, "address": f"{user.name}@example.org", "confirmed_at": user.created_at}
                for user in users[::MAIL_OF]
            ]
            session().execute(insert(NotificationSettings), mail)
    return names


def _teams(names: Sequence[str]) -> None:
    for number, start in enumerate(range(0, len(names), A_TEAM)):
        members = {name: place == 0 for place, name in enumerate(names[start : start + A_TEAM])}
        with db.transaction():
            teams.create(f"team-{number}", f"Team {number}", members, actor=OPERATOR)


def _service(number: int, name: str, address: str, vault: Vault) -> str:
    """A service with four guards on its production, and a job; the key that this pings with."""
    target = f"{name}/prod"
    hours: dict[str, object] = {
        "tz": "Europe/Berlin",
        "starts": "03:00",
        "ends": "03:01",
        "rrule": "FREQ=DAILY",
    }
    wanted: list[tuple[str, str, dict[str, object], str]] = [
        ("validated", "attestation", {"predicate": "validated", "target": f"{name}/staging"}, target),
        ("lectures", "window", hours | {"reason": "lectures"}, target),
        ("confirmed", "target", {}, target),
        ("nightly", "heartbeat", {}, target),
    ]
    if number % PROBED_OF == 0:
        wanted.append(("up", "http", {"url": address}, f"{name}/staging"))
    with db.transaction():
        guards.save_service(name, name, ["staging", "prod"], actor=OPERATOR)
        for what, kind, config, covers in wanted:
            slug = f"{name}-{what}"
            fields = {"slug": slug, "title": slug, "kind": kind, "config": config, "targets": [covers]}
            guard_changes.create(fields, actor=OPERATOR, vault=vault)
        return pings.make_key(f"{name}-nightly", actor=OPERATOR)


def _opened(get: Callable[[str], object], path: str) -> object:
    answer = get(path)
    status = getattr(answer, "status_code", 0)
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}")
    return answer
