"""Tools that write, as who sent the token: an action item's fields, and a timeline's next entry."""

from __future__ import annotations

from postmortems.assistants import envelope, read_tools, repeats
from postmortems.assistants.tool import Caller, Fields
from postmortems.capture import operations as capture
from postmortems.capture.notes import Note
from postmortems.db.session import catch_up
from postmortems.errors import Invalid
from postmortems.followup import queries as items
from postmortems.followup.queries import Listed
from postmortems.gate.enforcement import save_incident


def update_action_item(asked: Fields, caller: Caller) -> Fields:
    """Change an action item. The definition of done holds as it does for everybody."""
    ref, key = asked.pop("id"), asked.pop("key")
    if not asked:
        raise Invalid("says nothing to change: name a field, such as status, owner or due")
    if repeats.is_done("update_action_item", {"id": ref, **asked}, key, caller.actor):
        return _item(ref, caller) | {"is_repeated": True}
    save_incident.edit_item(ref, asked, actor=caller.actor)
    return _item(ref, caller) | {"is_repeated": False}


def _item(ref: str, caller: Caller) -> Fields:
    catch_up()
    found = items.by_ref(ref, caller.actor)
    return read_tools.item(Listed(found, items.protection_of(found)), caller)


def append_timeline_entry(asked: Fields, caller: Caller) -> Fields:
    """Append an entry to a timeline, at its time."""
    slug, key = asked.pop("slug"), asked.pop("key")
    noted = capture.append(slug, Note(**asked), actor=caller.actor, key=key or None)
    catch_up()
    return {
        "incident": noted.incident.slug,
        "version": noted.incident.version,
        "section": noted.section.heading,
        "id": noted.entry.id,
        "written": noted.entry.written,
        "kind": noted.entry.kind,
        "title": noted.entry.title,
        "text": envelope.cut(noted.entry.text, read_tools.LONGEST_FIELD),
        "is_repeated": not noted.is_new,
        "url": f"{caller.url}/incidents/{noted.incident.slug}",
    }
