"""The store of attached files: each content once, by its SHA-256, in the database or in a folder.

A file of the folder is whole or not there: it is written beside its place and then takes it. None is removed
in the unit of work that forgets it, for that may be taken back; `sweep` does it later.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Unavailable
from postmortems.incidents.attachments.models import Attachment, StoredFile

# How long a content without an upload stays: whoever writes one is done within this.
SPARED = timedelta(days=1)
UNFINISHED = ".part"


def put(content: bytes) -> str:
    """Keep a content, in this unit of work; its SHA-256. Raises `Unavailable` where the folder takes none."""
    digest = hashlib.sha256(content).hexdigest()
    place = db.files().place(digest)
    if place:
        _write(place, content)
    # A job that removes what is old waits for this row, and then finds it new.
    touched = update(StoredFile).where(StoredFile.sha256 == digest).values(uploaded_at=clock.now())
    if db.is_changed(touched):
        return digest
    row = StoredFile(
        sha256=digest, size=len(content), content=None if place else content, uploaded_at=clock.now()
    )
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        # Somebody stored the same at this moment.
        session().execute(touched)
    return digest


def get(digest: str) -> bytes:
    """A content. Raises `Unavailable` where its file is not there."""
    content = session().scalar(select(StoredFile.content).where(StoredFile.sha256 == digest))
    if content is not None:
        return content
    place = db.files().place(digest)
    try:
        if not place:
            raise FileNotFoundError
        return place.read_bytes()
    except OSError:
        raise Unavailable(
            f"the file {digest[:12]}… is not where POSTMORTEMS_FILES_DIR says; an operator can restore it"
        ) from None


def drop(digest: str) -> None:
    """Remove a content that no upload has any longer; its file in the folder goes with the next sweep."""
    unused = ~exists().where(Attachment.sha256 == StoredFile.sha256)
    gone = delete(StoredFile).where(StoredFile.sha256 == digest, unused)
    try:
        with session().begin_nested():
            session().execute(gone.execution_options(synchronize_session=False))
    except IntegrityError:
        # Somebody uploaded the same at this moment, and has it now.
        return


def sweep(now: datetime) -> int:
    """Remove the contents that no upload has any longer; how many files and rows went."""
    unused = ~exists().where(Attachment.sha256 == StoredFile.sha256)
    old = StoredFile.uploaded_at < now - SPARED
    with db.transaction():
        gone = session().execute(
            delete(StoredFile).where(unused, old).execution_options(synchronize_session=False)
        )
        count = int(getattr(gone, "rowcount", 0))
    folder = db.files().folder
    return count + (_sweep_folder(Path(folder), now) if folder else 0)


def _sweep_folder(folder: Path, now: datetime) -> int:
    count = 0
    for part in sorted(folder.glob("[0-9a-f][0-9a-f]")):
        with db.reading():
            known = set(
                session().scalars(select(StoredFile.sha256).where(StoredFile.sha256.startswith(part.name)))
            )
        for path in _old(part, now - SPARED):
            if path.name not in known:
                path.unlink(missing_ok=True)
                count += 1
    return count


def _old(part: Path, before: datetime) -> Iterator[Path]:
    for path in part.iterdir():
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime < before.timestamp():
            yield path


def _write(place: Path, content: bytes) -> None:
    fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}{UNFINISHED}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            # As new: what is about to be used is not swept.
            os.utime(place)
            return
        try:
            with fresh.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(place)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            f"the file was not stored: POSTMORTEMS_FILES_DIR cannot be written ({_reason(error)}); nothing "
            "of it is kept, so try again once an operator has made room"
        ) from None


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown").lower()
