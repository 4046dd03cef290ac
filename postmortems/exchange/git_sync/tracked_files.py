"""Tracked files of a repository, as both sides last agreed on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.exchange.git_sync.models import SyncedFile
from postmortems.incidents.models import Incident

LONGEST_PATH = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A row, as a value."""

    id: int
    path: str
    incident_id: int | None
    blob: str
    version: int
    pushing: str
    is_gone: bool


def known(remote_id: int) -> dict[str, Known]:
    """Every file of the remote by its path; one query."""
    columns = [getattr(SyncedFile, name) for name in Known.__slots__]
    rows = session().execute(select(*columns).where(SyncedFile.remote_id == remote_id))
    return {row.path: Known(*row) for row in rows}


def of_incidents(incident_ids: Sequence[int]) -> list[tuple[int, Known]]:
    """The files that these incidents have in any remote, each with its remote's id; one query."""
    columns = [getattr(SyncedFile, name) for name in Known.__slots__]
    mine = select(SyncedFile.remote_id, *columns).where(SyncedFile.incident_id.in_(incident_ids))
    return [(row[0], Known(*row[1:])) for row in session().execute(mine.order_by(SyncedFile.id))]


def row(remote_id: int, path: str) -> SyncedFile:
    """The file's row, a new one where there is none."""
    found = session().scalars(
        select(SyncedFile).where(SyncedFile.remote_id == remote_id, SyncedFile.path == path)
    )
    there = found.one_or_none()
    if there is None:
        there = SyncedFile(remote_id=remote_id, path=path)
        session().add(there)
    return there


def agree(remote_id: int, path: str, incident: Incident, blob: str, version: int | None) -> None:
    """Both sides agree on the file; `version` is the incident's that it says, None where it says less."""
    file = row(remote_id, path)
    file.incident_id, file.blob, file.is_gone = incident.id, blob, False
    file.pushing, file.pushing_version = "", 0
    if version is not None:
        file.version = version
    session().flush()


def taken_in(name: str, incident: Incident, blob: str) -> None:
    """What a file says has been dealt with, in every remote that it lies in."""
    mine = select(SyncedFile).where(SyncedFile.incident_id == incident.id, SyncedFile.path == name)
    for file in session().scalars(mine):
        file.blob, file.is_gone = blob, False
    session().flush()
