"""One file that was sent: read, checked, and stored."""

from __future__ import annotations

from typing import IO

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.errors import Invalid
from postmortems.incidents import queries as incidents
from postmortems.incidents.attachments import file_types, image_process, operations
from postmortems.incidents.attachments.models import Attachment


def take_in(stream: IO[bytes], name: str, *, actor: Actor, slug: str = "") -> Attachment:
    """Store what a stream gives, for the incident of that slug where one is named; in a unit of its own.

    Raises `Invalid` at `/file` or `/incident`, and what `operations.add` raises. A picture takes seconds to
    check, so no unit of work is open meanwhile.
    """
    permissions.require_anywhere(actor, "incident.save")
    content = stream.read(db.files().largest + 1)
    operations.refuse_size(len(content), file_types.shortened(name))
    checked = image_process.checked(content, name, db.files().pixels)
    with db.transaction():
        incident = incidents.by_slug(slug, actor) if slug else None
        return operations.add(checked, actor=actor, incident=incident)


def refuse_many(count: int) -> None:
    """Raise `Invalid` unless one file was sent."""
    if count != 1:
        raise Invalid("send one file" if count else "choose a file, and send it as `file`", "/file")
