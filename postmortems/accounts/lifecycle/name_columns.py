"""Name columns: where a row says by name which account did something, may do something or is asked to.

A renamed account takes these along: what somebody wrote stays theirs to edit, who asked still cannot approve
for themselves, and who is named by a restriction still reads it. Rooms to our right keep most of them; their
tables are known by name here, and a test holds the list against every column that could be missing.

What was once said stays as it was: events, decisions, and owners as reports write them.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table

COLUMNS: dict[str, tuple[str, ...]] = {
    "acknowledgements": ("person",),
    "action_items": ("closed_by",),
    "admitted": ("name",),
    "approvals": ("name",),
    "attachments": ("created_by",),
    "bulk_edits": ("by", "undone_by"),
    "change_keys": ("sent_by",),
    "comments": ("author", "resolved_by", "deleted_by"),
    "confirmations": ("by",),
    "drills": ("by",),
    "due_policies": ("saved_by",),
    "evidence": ("issuer",),
    "findings": ("settled_by",),
    "import_runs": ("created_by",),
    "incident_warnings": ("dismissed_by",),
    "incidents": ("created_by",),
    "item_blockers": ("by",),
    "item_deadlines": ("exception_by",),
    "item_merges": ("by",),
    "live_drills": ("by",),
    "mentions": ("by",),
    "note_keys": ("sent_by",),
    "overrides": ("requested_by", "settled_by"),
    "policy_versions": ("by",),
    "public_reports": (
        *("edited_by", "asked_by", "approved_by", "published_by", "published_approval", "withdrawn_by"),
    ),
    "publications": ("by",),
    "redates": ("by", "undone_by"),
    "remotes": ("created_by",),
    "review_requests": ("reviewer", "asked_by"),
    "reviews": ("opened_by", "closed_by"),
    "revisions": ("author",),
    "skipped_reports": ("by",),
    "templates": ("saved_by",),
    "ticket_policies": ("by",),
    "tickets": ("by",),
    "tracker_accounts": ("ours",),
    "waivers": ("made_by", "granted_by", "ended_by"),
}
# Where the name is part of a row's key, the rest of the key. A file may have named somebody before they came.
KEYS: dict[str, tuple[str, ...]] = {
    "admitted": ("incident_id",),
    "approvals": ("incident_id",),
    "review_requests": ("incident_id",),
    "change_keys": ("key",),
    "note_keys": ("key",),
}
# Lists of names in columns of JSON, and where in an object they stand. Guards keep theirs in their settings.
LISTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("incidents", "restricted", ()),
    ("public_reports", "editors", ()),
    ("guards", "config", ("issuers", "people")),
)
# What the service did for itself has such a kind beside the name, and is nobody's.
KINDS = {"bulk_edits": "by_kind", "redates": "by_kind"}


def as_table(name: str) -> Table:
    """The table as far as it is needed here, whether its own room is loaded or not."""
    said = (*COLUMNS[name], *filter(None, [KINDS.get(name)]))
    keys = [Column(key, Integer if key.endswith("_id") else String) for key in KEYS.get(name, ())]
    return Table(name, MetaData(), *(Column(column, String) for column in said), *keys)
