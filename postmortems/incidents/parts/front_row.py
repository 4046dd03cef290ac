"""The own row of a new incident, with those of what it hit and whom it is shown to, by a statement each.

A flush would work out in which order they depend on each other, which takes longer than writing them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from postmortems.db.prepared import PreparedInsert
from postmortems.db.session import session
from postmortems.incidents.models import Admitted, Affected, Incident
from postmortems.incidents.parts.stored_parts import table_of

DEFAULTS = {column.key: column.default for column in table_of(Incident).columns if column.key != "id"}
NEW = PreparedInsert(Incident, *DEFAULTS, returning=("id",))
HIT = PreparedInsert(Affected, "incident_id", "service", "target")
SHOWN = PreparedInsert(Admitted, "incident_id", "name", "until")
# Called with the key of a new incident: rooms to the right add theirs.
when_begun: list[Callable[[int], None]] = []


def insert(incident: Incident) -> None:
    """Store a new incident as it is now; it has its key from then on. Raises `IntegrityError`."""
    current = session()
    # What else is new may have to be there before.
    if incident in current:
        current.expunge(incident)
    current.flush()
    row = {name: _value(incident, name, default) for name, default in DEFAULTS.items()}
    [(key,)] = NEW.returned([row])
    own, hit, shown = {"incident_id": key}, incident.affected, incident.admitted
    HIT.run([own | {"service": one.service, "target": one.target} for one in hit])
    SHOWN.run([own | {"name": one.name, "until": one.until} for one in shown])
    # They are read again where somebody looks at them.
    for name in ("affected", "admitted"):
        instance_dict(incident).pop(name, None)
    for name, value in {"id": key, **row}.items():
        set_committed_value(incident, name, value)
    make_transient_to_detached(incident)
    current.add(incident)
    for tell in when_begun:
        tell(key)


def _value(incident: Incident, name: str, default: Any) -> Any:
    value = getattr(incident, name)
    if value is not None or default is None:
        return value
    return default.arg if default.is_scalar else []
