"""Repetitions: a change that an assistant sends twice under one key is done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from postmortems import clock
from postmortems.actor import Actor
from postmortems.assistants.models import ChangeKey
from postmortems.db.session import insert, session
from postmortems.errors import Invalid
from postmortems.jobs import batches


def is_done(tool: str, asked: Mapping[str, Any], key: str, actor: Actor) -> bool:
    """Whether this very change was done under the key; else it is kept now, in the change's own unit.

    Without a key nothing is kept. Raises `Invalid` for a key that another change had.
    """
    if not key:
        return False
    told = json.dumps([tool, asked], sort_keys=True, default=str)
    digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    earlier = session().get(ChangeKey, (actor.name, key))
    if earlier is None:
        insert(ChangeKey(sent_by=actor.name, key=key, digest=digest, done_at=clock.now()))
        return False
    if earlier.digest != digest:
        raise Invalid("was used for another change; make up a new key for a new change", "/key")
    return True


def forget(before: datetime, after: object) -> tuple[object, int]:
    """Remove some keys of changes that were done before that."""
    return batches.some(ChangeKey, ChangeKey.key, ChangeKey.done_at < before)
