"""Remarks behind a guard's name in an export: `staging-online (soft, enforced)`.

It says what was worked out on the day of the export, so it is taken off again when the file comes back:
what is derived is never stored as if somebody had typed it. Any other remark is the author's and stays.
"""

from __future__ import annotations

import re
from dataclasses import replace

from postmortems.document.model import Document, Item

LEVELS = {"shadow", "advisory", "soft", "hard"}
PROTECTIONS = {"unguarded", "guarded", "proven", "enforced", "regressed"}
OURS = frozenset({*LEVELS, *PROTECTIONS, "disabled", "no such guard"})
NAMED = re.compile(r"(?P<slug>[^\s(]+)(?:\s*\((?P<remark>[^()]*)\))?.*", re.DOTALL)


def slug(written: str) -> str:
    """The guard's slug in what is written: `staging-online (soft)` names `staging-online`."""
    found = NAMED.fullmatch(written.strip())
    return found["slug"] if found else written.strip()


def remark(name: str, words: list[str]) -> str:
    """A guard's name with our remark behind it."""
    return f"{name} ({', '.join(words)})" if words else name


def is_remarked(written: str) -> bool:
    """Whether the author wrote more than the guard's name: that is theirs, and stays."""
    return _bare_guard(written) != slug(written)


def bare(document: Document) -> Document:
    """The document without our own remarks, and without what is kept beside it: what items wait for."""
    return document.with_items(_bare_item)


def _bare_item(item: Item) -> Item:
    if not item.blocked_by and not any("(" in guard for guard in item.guards):
        return item
    return replace(item, guards=tuple(map(_bare_guard, item.guards)), blocked_by=())


def _bare_guard(written: str) -> str:
    found = NAMED.fullmatch(written)
    if not found or found["remark"] is None or not written.endswith(")"):
        return written
    words = {word.strip() for word in found["remark"].split(",")}
    return found["slug"] if words <= OURS else written
