"""News: what is to be told to whom, before anybody's rights and wishes are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class News:
    """One thing for one person. `key` names it for good; `incident_id` and `item` are what it is about."""

    user_id: int
    kind: str
    key: str
    incident_id: int | None = None
    item: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
