"""Policies that people acknowledge, version by version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from postmortems import clock, limits
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import insert, session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.guards import schemas
from postmortems.guards.kinds.signoff import schemas as signoff_schemas
from postmortems.guards.models import Acknowledgement, Guard, Policy, PolicyVersion

# Stands in the place of a short name in addresses of the API, for policies of another sort.
TAKEN = frozenset({"due-dates"})


def publish(slug: str, fields: Mapping[str, Any], *, actor: Actor) -> Policy:
    """Publish a policy's next version (`signoff_schemas.PolicyBody`), its first where there is none.

    `after` is the version that was read; one that is not the newest any more is a `Conflict`.
    """
    permissions.require(actor, "policy.edit")
    loaded = schemas.load(signoff_schemas.PolicyBody(), {"slug": slug, **fields})
    if not (loaded["text"].strip() or loaded["url"]):
        raise Invalid("write the policy's text, or where it stands", "/text")
    policy = _named(slug)
    if policy is None:
        if slug in TAKEN:
            raise Invalid(f"{slug} is the address of other policies: choose another short name", "/slug")
        policy = Policy(slug=slug)
        session().add(policy)
    newest = policy.versions[-1].number if policy.versions else 0
    if loaded["after"] is not None and loaded["after"] != newest:
        raise Conflict(f"{slug} is at version {newest} now; read that first")
    policy.title = loaded["title"]
    said = {"text": loaded["text"], "url": loaded["url"], "at": clock.now(), "by": actor.name}
    policy.versions.append(PolicyVersion(number=newest + 1, **said))
    session().flush()
    audit.record(actor, "policy.published", "policy", slug, version=newest + 1, title=policy.title)
    return policy


def acknowledge(slug: str, version: int, *, actor: Actor) -> Acknowledgement:
    """Keep that the actor has read this version, which has to be the newest: else `Conflict`."""
    permissions.require(actor, "policy.acknowledge")
    policy = by_slug(slug)
    if version != policy.newest.number:
        raise Conflict(f"{slug} is at version {policy.newest.number} now; read that one")
    kept = Acknowledgement(policy_id=policy.id, number=version, person=actor.name, at=clock.now())
    insert(kept)
    audit.record(actor, "policy.acknowledged", "policy", slug, version=version)
    return kept


def by_slug(slug: str) -> Policy:
    """The policy with its versions. Raises `NotFound`."""
    policy = _named(slug)
    if policy is None:
        raise NotFound(f"there is no policy {slug}")
    return policy


def listing(after: str = "", limit: int = 50) -> list[Policy]:
    """Policies by slug, with their versions."""
    page = select(Policy).where(Policy.slug > after).order_by(Policy.slug).limit(min(limit, limits.PAGE))
    return list(session().scalars(page.options(selectinload(Policy.versions))))


def acknowledged(person: str, policies: list[Policy]) -> dict[int, Acknowledgement]:
    """By policy id, this person's newest acknowledgement."""
    newest = select(func.max(Acknowledgement.id)).where(
        Acknowledgement.person == person, Acknowledgement.policy_id.in_([policy.id for policy in policies])
    )
    rows = select(Acknowledgement).where(Acknowledgement.id.in_(newest.group_by(Acknowledgement.policy_id)))
    return {row.policy_id: row for row in session().scalars(rows)}


def guards_asking(slug: str) -> list[Guard]:
    """The guards that ask whether the policy was acknowledged."""
    asking = select(Guard).where(Guard.kind == "signoff", Guard.config["policy"].as_string() == slug)
    asking = asking.where(Guard.config["mode"].as_string() == "policy").order_by(Guard.slug)
    return list(session().scalars(asking.limit(limits.PAGE)))


def _named(slug: str) -> Policy | None:
    named = select(Policy).where(Policy.slug == slug).options(selectinload(Policy.versions))
    return session().scalar(named)
