"""The own row of an incident: a new one, with what it hit and whom it is shown to, and its next version.

A statement each: a flush would work out in which order they depend on each other and which columns changed,
which takes longer than writing them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, inspect, update
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import flag_modified, instance_dict, set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from postmortems.db.prepared import PreparedInsert, PreparedQuery
from postmortems.db.session import session
from postmortems.incidents.models import Admitted, Affected, Incident
from postmortems.incidents.parts import fresh_rows, stored_parts
from postmortems.incidents.parts.stored_parts import table_of

DEFAULTS = {column.key: column.default for column in table_of(Incident).columns if column.key != "id"}
NEW = PreparedInsert(Incident, *DEFAULTS, returning=("id",))
HIT = PreparedInsert(Affected, "incident_id", "service", "target")
SHOWN = PreparedInsert(Admitted, "incident_id", "name", "until")
NEXT = PreparedQuery(
    update(Incident)
    .where(Incident.id == bindparam("key"), Incident.version == bindparam("present"))
    .values(saved_at=bindparam("at"), version=Incident.version + 1)
    .returning(Incident.version)
)
# Called with the key of a new incident, and of one whose parts alone say something else that counts.
# Rooms to the right add theirs.
when_written: list[Callable[[int], None]] = []


def insert(incident: Incident) -> None:
    """Store a new incident as it is now; it has its key from then on. Raises `IntegrityError`."""
    current = session()
    # What else is new may have to be there before.
    if incident in current:
        current.expunge(incident)
    current.flush()
    row = {name: _value(incident, name, default) for name, default in DEFAULTS.items()}
    [(key,)] = NEW.returned([row])
    fresh_rows.note(Incident, [key])
    own, hit, shown = {"incident_id": key}, incident.affected, incident.admitted
    HIT.run([own | {"service": one.service, "target": one.target} for one in hit])
    SHOWN.run([own | {"name": one.name, "until": one.until} for one in shown])
    # They are read again where somebody looks at them.
    for name in ("affected", "admitted"):
        instance_dict(incident).pop(name, None)
    instance_dict(incident).update(row, id=key)
    # What it says by now counts as what is stored.
    make_transient_to_detached(incident)
    current.add(incident)
    _tell(key)


def move_on(incident: Incident, now: datetime) -> None:
    """Move an incident to its next version. Where its own row says something else, whoever flushes next does.

    Raises `StaleDataError` as a flush does, where it is at another version by now.
    """
    # What a savepoint takes back is what it was before only where a flush has written it.
    if inspect(incident).modified or session().in_nested_transaction():
        # What it says by now may be what it said before.
        incident.saved_at = now
        flag_modified(incident, "saved_at")
        return
    moved = NEXT.rows({"key": incident.id, "present": incident.version, "at": now})
    if not moved:
        raise StaleDataError(f"{incident.slug} is no longer at version {incident.version}")
    set_committed_value(incident, "saved_at", now)
    set_committed_value(incident, "version", moved[0].version)
    if stored_parts.has_written_counted(incident):
        _tell(incident.id)


def _tell(key: int) -> None:
    for tell in when_written:
        tell(key)


def _value(incident: Incident, name: str, default: Any) -> Any:
    value = getattr(incident, name)
    if value is not None or default is None:
        return value
    return default.arg if default.is_scalar else []
