"""Records the source file of an incident."""

from __future__ import annotations

import hashlib

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.session import session
from postmortems.exchange import queries
from postmortems.exchange.models import Source
from postmortems.incidents.models import Incident

LONGEST_NAME = 1000


def remember(
    incident: Incident,
    name: str,
    content: bytes,
    *,
    actor: Actor,
    service: str = "",
    timezone: str = "",
    is_all: bool = True,
    as_format: str = "",
    identity: str = "",
) -> Source:
    """Keep a file's bytes as what the incident was imported from, in the place of any before.

    `service` and `timezone` are what was filled in for the file, `as_format` what it was said to be and
    `identity` its id where it comes from; `is_all` says that the incident is now what the file says and no
    more. The very file again changes nothing.
    """
    permissions.require(actor, "incident.save")
    digest = hashlib.sha256(content).hexdigest()
    name = name[-LONGEST_NAME:]
    source = queries.source_of(incident)
    kept = (source.sha256, source.name, source.format, source.identity) if source else None
    if source is not None and kept == (digest, name, as_format, identity):
        return source
    source = _kept(source, incident, name, content, digest, incident.version if is_all else 0, actor)
    source.service, source.timezone = service, timezone
    source.format, source.identity = as_format, identity
    session().flush()
    return source


def written(incident: Incident, name: str, content: bytes, *, version: int, actor: Actor) -> Source:
    """Keep the bytes that the incident's `version` was written as: the file is that from here on."""
    permissions.require(actor, "incident.save")
    digest = hashlib.sha256(content).hexdigest()
    source = queries.source_of(incident)
    source = _kept(source, incident, name[-LONGEST_NAME:], content, digest, version, actor)
    session().flush()
    return source


def _kept(
    source: Source | None,
    incident: Incident,
    name: str,
    content: bytes,
    digest: str,
    version: int,
    actor: Actor,
) -> Source:
    if source is None:
        source = Source(incident_id=incident.id)
        session().add(source)
    source.name, source.content, source.sha256 = name, content, digest
    source.version, source.imported_at = version, clock.now()
    audit.record(
        actor, "incident.source_kept", "incident", incident.slug, name=name[-200:], sha256=digest,
        size=len(content), version=incident.version,
    )  # fmt: skip
    return source
