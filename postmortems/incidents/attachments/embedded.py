"""Attachments in a page that is one file: pictures are in it, other files are links back to the service."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

from sqlalchemy import select

from postmortems.db.session import session
from postmortems.document.markdown.references import Attached
from postmortems.incidents.attachments import file_store, links
from postmortems.incidents.attachments.models import USES, Attachment
from postmortems.incidents.models import Incident
from postmortems.limits import MB

# All pictures of a page together; what is more stays on the service.
MOST = 24 * MB


def attached(incident: Incident, url: str) -> dict[str, Attached]:
    """What each link of the incident's texts leads to; `url` is the service's own address."""
    query = (
        select(USES.c.link, Attachment)
        .join(Attachment, Attachment.id == USES.c.attachment_id)
        .where(USES.c.incident_id == incident.id)
        .order_by(USES.c.link)
    )
    found, left = {}, MOST
    for link, row in session().execute(query):
        shown = Attached(f"{url}{links.address(row.id, row.name)}", row.width, row.height)
        if row.is_picture and row.size <= left:
            left -= row.size
            data = b64encode(file_store.get(row.sha256)).decode()
            shown = replace(shown, source=f"data:{row.media_type};base64,{data}")
        found[link] = shown
    return found
