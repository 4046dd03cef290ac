"""Action items as an Atom feed (RFC 4287), what changed last first. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from postmortems.accounts.feed_addresses import Reader
from postmortems.document.markdown.items import item_blanks
from postmortems.document.text import title_line
from postmortems.followup.queries import Listed
from postmortems.incidents.exports import feed

LONGEST_TITLE = 200


def to_atom(rows: Sequence[Listed], reader: Reader, url: str) -> bytes:
    """The feed; `url` is the service's address. Its own is a secret and is not in it."""
    newest = sorted(rows, key=lambda row: (row.item.incident.saved_at, row.item.number), reverse=True)
    name = f"{reader.team_name or reader.user}: action items due"
    head = feed.Head(f"{url}/feeds/{reader.id}", name, "", f"{url}/action-items")
    return feed.to_atom([_entry(listed, url) for listed in newest], head)


def _entry(listed: Listed, url: str) -> feed.Entry:
    item, incident = listed.item, listed.item.incident
    address = f"{url}/action-items/{item.ref}"
    said = title_line(item_blanks.told(item.text))[:LONGEST_TITLE]
    return feed.Entry(
        address,
        address,
        f"{item.ref} due {item.due}: {said}",
        item.opened_at,
        max(incident.saved_at, item.opened_at),
        item.owner,
        (item.kind, item.status, item.priority),
    )
