"""The way back from a form to the incident whose path to proof led there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from postmortems.document.text import SLUG

# The field that says so, in the address of a form and in what it sends.
FIELD = "back"
LONGEST = 200


def address(said: Mapping[str, str], otherwise: str) -> str:
    """The page to go on to after what a form sent was done: the incident that it names, or `otherwise`.

    Never anything but a page of an incident, whatever was sent.
    """
    slug = said.get(FIELD, "")
    if len(slug) > LONGEST or not SLUG.fullmatch(slug):
        return otherwise
    return f"/incidents/{quote(slug)}#proof"
