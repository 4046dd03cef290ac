"""Records the source file of an incident."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, select

from postmortems import clock
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session
from postmortems.exchange import queries
from postmortems.exchange.models import Source
from postmortems.incidents.models import Incident
from postmortems.incidents.parts import fresh_rows

LONGEST_NAME = 1000
KNOWN = PreparedQuery(
    select(Source.sha256, Source.name, Source.format, Source.identity).where(
        Source.incident_id == bindparam("incident")
    )
)
NEW = PreparedInsert(
    Source,
    *("incident_id", "name", "content", "sha256", "service", "timezone", "format", "identity"),
    *("version", "imported_at"),
)


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
) -> None:
    """Keep a file's bytes as what the incident was imported from, in the place of any before.

    `service` and `timezone` are what was filled in for the file, `as_format` what it was said to be and
    `identity` its id where it comes from; `is_all` says that the incident is now what the file says and no
    more. The very file again changes nothing.
    """
    permissions.require(actor, "incident.save")
    digest, name = hashlib.sha256(content).hexdigest(), name[-LONGEST_NAME:]
    is_new = fresh_rows.are_new(Incident, [incident.id], __name__)
    known = [] if is_new else KNOWN.rows({"incident": incident.id})
    if known and tuple(known[0]) == (digest, name, as_format, identity):
        return
    version = incident.version if is_all else 0
    if not known:
        row = {"incident_id": incident.id, "name": name, "content": content, "sha256": digest}
        row |= {"service": service, "timezone": timezone, "format": as_format, "identity": identity}
        NEW.run([{**row, "version": version, "imported_at": clock.now()}])
        _record(incident, name, content, digest, actor)
        return
    source = _kept(queries.source_of(incident), incident, name, content, digest, version, actor)
    source.service, source.timezone = service, timezone
    source.format, source.identity = as_format, identity
    session().flush()


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
    _record(incident, name, content, digest, actor)
    return source


def _record(incident: Incident, name: str, content: bytes, digest: str, actor: Actor) -> None:
    audit.record(
        actor, "incident.source_kept", "incident", incident.slug, name=name[-200:], sha256=digest,
        size=len(content), version=incident.version,
    )  # fmt: skip
