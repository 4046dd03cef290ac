"""What SCIM says of itself: what of the protocol we do, the kinds of resources, and their attributes."""

from __future__ import annotations

from typing import Any

from flask import Response
from scim2_models import Resource

from postmortems.accounts.scim import messages_api, resources
from postmortems.errors import NotFound


def about(kind: str, name: str) -> Response:
    """The configuration; resource types or schemas, all of them or the one of that name."""
    url = messages_api.url()
    if kind == "ServiceProviderConfig":
        return messages_api.shown(resources.provider_config(url))
    all_of_them: dict[str, Resource[Any]] = {str(each.id): each for each in _known(kind, url)}
    if not name:
        return messages_api.page(list(all_of_them.values()), len(all_of_them), 1)
    if name not in all_of_them:
        raise NotFound(f"there is no {name[:100]} among {kind}")
    return messages_api.shown(all_of_them[name])


def _known(kind: str, url: str) -> list[Resource[Any]]:
    return [*(resources.schemas(url) if kind == "Schemas" else resources.resource_types(url))]
