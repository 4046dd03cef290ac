"""Files that the issues of a tracker would be: one for each report, known again by its id there."""

from __future__ import annotations

import json
from collections.abc import Iterator

from postmortems.document.readers.records import record_format, tools
from postmortems.egress.client import Egress, Secret
from postmortems.errors import Refusal
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.tracker_imports import sources
from postmortems.exchange.tracker_imports.fetch import Patience
from postmortems.exchange.tracker_imports.place import TrackerPlace
from postmortems.trackers.wire import Failed

DELETED = "was deleted while it was read"


def in_tracker(
    place: TrackerPlace, token: Secret, *, way_out: Egress, patience: Patience
) -> Iterator[ImportFile]:
    """The reports of a place. Raises `Refusal` in words for whoever asked; nothing is stored by then.

    An issue that was deleted while it was read is told with that as its trouble.
    """
    fetch = sources.fetch_of(place, token, way_out, patience)
    try:
        found = list(sources.found(place, fetch))
    except Failed as failed:
        missing = place.place or "such place"
        raise Refusal(
            f"{fetch.name} has no {missing}, or the token may not see it ({failed.status})"
        ) from None
    its = tools.FORMATS[place.service]
    gone = [raw for raw in found if raw.get("is_gone")]
    here = [raw for raw in found if not raw.get("is_gone")]
    for raw in gone:
        key = str(raw.get("key") or raw.get("number") or raw.get("iid") or raw.get("id"))
        name = record_format.name_of(f"{place} {key}")
        yield ImportFile(name, trouble=DELETED, at=f"{place}: {name}")
    if not here:
        return
    for part in its.parts(json.dumps(here)):
        yield ImportFile(
            part.name,
            part.content.encode(),
            at=f"{place}: {part.name}",
            format=place.service,
            identity=part.identity,
        )
