"""CI identities: which signed CI jobs are known, and which account a job's OIDC token stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from postmortems import clock
from postmortems.accounts import oidc_claims, oidc_keys, permissions, queries
from postmortems.accounts.models import CiIdentity
from postmortems.accounts.oidc_claims import Unproven
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db import session as db
from postmortems.db.session import insert, session
from postmortems.egress.client import Egress
from postmortems.errors import Conflict, Invalid, NotFound, Problem

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
CLAIM = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
FULL_NAME = re.compile(r"[^\s/][^/]{0,99}/[^/]{0,99}[^\s/]")
# A job asks the gate and tells what it saw; nothing else is done without a person.
SCOPES = ("gate:read", "evidence:write")
MOST = 200
MOST_CLAIMS = 10
# Names can be given up and taken by others; numbers stay with what they were given to.
NUMBER_OF = {"repository": "repository_id", "project_path": "project_id", "namespace_path": "namespace_id"}
NOTE_USE_EVERY = timedelta(minutes=1)


def listing() -> list[CiIdentity]:
    """All of them by name; there are few."""
    return list(session().scalars(select(CiIdentity).order_by(CiIdentity.name).limit(MOST)))


def add(
    name: str,
    issuer: str,
    claims: Mapping[str, str],
    scopes: Sequence[str],
    target: str = "",
    *,
    actor: Actor,
) -> CiIdentity:
    """Let jobs in whose identity `issuer` signed with these claims. Raises `Invalid` with pointers."""
    permissions.require(actor, "people.manage")
    issuer = issuer.strip()
    claims = {claim.strip(): value.strip() for claim, value in claims.items()}
    if wrong := [*_problems(name, issuer, target, scopes), *_claim_problems(claims)]:
        raise Invalid(wrong)
    if session().scalar(select(CiIdentity.id).where(CiIdentity.name == name)) is not None:
        raise Conflict(f"there is a CI identity called {name} already")
    if queries.named(name) is not None or teams.present_names([name]):
        # What is kept by who asked, such as answers by their key, is told apart by the name alone.
        raise Conflict(f"there is an account named {name!r}; give the jobs a name of their own")
    if (session().scalar(select(func.count()).select_from(CiIdentity)) or 0) >= MOST:
        raise Conflict(f"there are {MOST} CI identities already; forget one first")
    identity = CiIdentity(
        name=name,
        issuer=issuer,
        claims=claims,
        target=target,
        scopes=[scope for scope in SCOPES if scope in scopes],
        created_at=clock.now(),
    )
    insert(identity)
    told = {"issuer": issuer, "claims": claims, "target": target, "scopes": identity.scopes}
    audit.record(actor, "identity.added", "identity", name, **told)
    return identity


def remove(name: str, *, actor: Actor) -> None:
    """Let such jobs in no longer. Raises `NotFound`."""
    permissions.require(actor, "people.manage")
    identity = session().scalar(select(CiIdentity).where(CiIdentity.name == name))
    if identity is None:
        raise NotFound(f"there is no CI identity {name}")
    session().delete(identity)
    session().flush()
    audit.record(actor, "identity.removed", "identity", name, issuer=identity.issuer)


def actor_of(token: str, audience: str, now: datetime, egress: Egress) -> Actor:
    """The CI job that this signed identity proves. Opens its own units of work.

    Raises `Unproven`, which is recorded where the issuer is one that we know, and `OutOfReach` where the
    issuer's keys cannot be had.
    """
    said = oidc_claims.claimed(token)
    with db.reading():
        known = list(
            session().scalars(select(CiIdentity).where(CiIdentity.issuer == said.issuer).limit(MOST))
        )
    if not known:
        raise Unproven("issuer", "no CI identity here is signed by this issuer")
    try:
        claims = oidc_claims.prove(
            token, said, oidc_keys.keys(said.issuer, said.key_id, now, egress), audience, now
        )
        identity = oidc_claims.fitting(known, claims)
    except Unproven as unproven:
        _record_refusal(said.issuer, unproven)
        raise
    if identity.last_used_at is None or now - identity.last_used_at >= NOTE_USE_EVERY:
        with db.transaction():
            session().execute(update(CiIdentity).where(CiIdentity.id == identity.id).values(last_used_at=now))
    return Actor(
        kind="ci",
        name=identity.name,
        role="author",
        scopes=frozenset(identity.scopes),
        bound_target=identity.target,
        claims=oidc_claims.kept(claims),
    )


def _record_refusal(issuer: str, unproven: Unproven) -> None:
    told = {"code": unproven.code, "detail": unproven.detail[:500]}
    with db.transaction():
        audit.record_rarely(Actor.nobody(), "identity.refused", "issuer", issuer[:200], **told)


def _problems(name: str, issuer: str, target: str, scopes: Sequence[str]) -> list[Problem]:
    problems = []
    if not NAME.fullmatch(name):
        problems.append(
            Problem("/name", "a name has small letters, digits and . _ -, and at most 100 of them")
        )
    try:
        parts = urlsplit(issuer if len(issuer) <= 500 else "")
    except ValueError:
        parts = urlsplit("")
    is_plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if (
        not is_plain
        or not parts.hostname
        or not (parts.scheme == "https" or (parts.scheme == "http" and is_local))
    ):
        told = "write the issuer's https address, such as https://token.actions.githubusercontent.com"
        problems.append(Problem("/issuer", told))
    if target and not FULL_NAME.fullmatch(target):
        problems.append(Problem("/target", "write service/target, as in data8/prod, or nothing"))
    if not scopes or set(scopes) - set(SCOPES):
        problems.append(Problem("/scopes", f"choose of {' and '.join(SCOPES)}"))
    return problems


def _claim_problems(claims: Mapping[str, str]) -> list[Problem]:
    if not 0 < len(claims) <= MOST_CLAIMS:
        told = f"name 1 to {MOST_CLAIMS} claims, or anybody whom the issuer serves could come in"
        return [Problem("/claims", told)]
    problems = []
    for claim, value in claims.items():
        if not CLAIM.fullmatch(claim):
            problems.append(
                Problem("/claims", f"{claim[:40]!r} is no name of a claim, such as repository_id")
            )
        elif not 0 < len(value) <= 500:
            problems.append(
                Problem("/claims", f"say which {claim} the job must have, in at most 500 characters")
            )
        number = NUMBER_OF.get(claim)
        if number and number not in claims:
            problems.append(
                Problem("/claims", f"name the {number} too: a {claim} can be given up and taken over")
            )
    return problems
