"""Queries of protection: how well guards hold each item's fix in place."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from postmortems.db.session import catch_up, session
from postmortems.gate.models import ItemProtection

PROTECTIONS_OF_ITEMS = (
    select(ItemProtection)
    .where(ItemProtection.item_id.in_(bindparam("items", expanding=True)))
    .execution_options(populate_existing=True)
)


def of_items(item_ids: Collection[int]) -> dict[int, ItemProtection]:
    """The stored protection by item id; an item whose protection was never worked out is left out."""
    if not item_ids:
        return {}
    catch_up()
    rows = session().scalars(PROTECTIONS_OF_ITEMS, {"items": list(item_ids)})
    return {row.item_id: row for row in rows}
