"""Items with owners, for tests of whom their names mean."""

from __future__ import annotations

from datetime import date

from postmortems.document.model import Document, Item, Section
from tests.incidents.documents import save


def owned(*owners: str) -> str:
    """Save an incident with one open process fix of each owner; its slug."""
    items = tuple(
        Item(f"Do {at}.", owner=owner, kind="process", status="open") for at, owner in enumerate(owners)
    )
    parts = (Section("Action items", items),)
    return save(Document("It fell", date=date(2020, 2, 1), services=("data8",), sections=parts)).slug
