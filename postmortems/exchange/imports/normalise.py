"""Brings a file and the stored document to one form: ids and filled-in fields apart. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from postmortems.document.model import Document, Item
from postmortems.document.readers.records import tools
from postmortems.document.source_edit import edit_steps
from postmortems.errors import Invalid
from postmortems.exchange.models import Source
from postmortems.incidents import guard_remarks


@dataclass(frozen=True, slots=True)
class ImportDefaults:
    """What an import filled in where the file states none."""

    service: str = ""
    timezone: str = ""

    def or_those_of(self, source: Source | None) -> ImportDefaults:
        """These, and where one is not given what was filled in when the file came last."""
        if source is None:
            return self
        return ImportDefaults(self.service or source.service, self.timezone or source.timezone)

    def into(self, document: Document) -> Document:
        """The document as it is stored."""
        fills_service = bool(self.service and not document.services)
        fills_timezone = bool(self.timezone and not document.timezone)
        if not fills_service and not fills_timezone:
            # What was worked out of it need not be once more.
            return document
        return replace(
            document,
            services=(self.service,) if fills_service else document.services,
            timezone=self.timezone if fills_timezone else document.timezone,
        )

    def out_of(self, document: Document, then: Document) -> Document:
        """The document as the file would say it, which said `then`."""
        is_given = not then.services and document.services == (self.service,)
        is_zoned = not then.timezone and document.timezone == self.timezone
        return replace(
            document,
            services=() if is_given else document.services,
            timezone="" if is_zoned else document.timezone,
        )


def kept_private(document: Document, read_as: str, who: Sequence[str]) -> Document:
    """What is private in the tool that it comes from, restricted to `who`: the file cannot say whom here.

    Raises `Invalid` where there is nobody: then nobody at all could see it, or everybody.
    """
    is_private = read_as in tools.FORMATS and dict(document.extra).get("visibility") == "private"
    if not is_private or document.restricted:
        return document
    if not who:
        raise Invalid(
            "it is private where it comes from: bring it in on the page Import or by the API, as somebody "
            "who may see it; it is restricted to them then"
        )
    return replace(document, restricted=tuple(who))


def as_in_file(now: Document, then: Document, filled: ImportDefaults) -> Document:
    """What the file should say for what is stored: no id that it did not have, no field that we filled in."""
    has_all_ids = bool(then.items) and all(item.id for item in then.items)
    ids = {item.id for item in then.items}
    written = {
        (bare.text, bare.guards): item.guards
        for bare, item in zip(guard_remarks.bare(then).items, then.items, strict=True)
    }

    ordered = {(item.text, tuple(sorted(item.blocked_by))): item.blocked_by for item in then.items}

    def fitted(item: Item) -> Item:
        keeps_id = has_all_ids or item.id in ids
        guards = written.get((item.text, item.guards), item.guards)
        blocked_by = ordered.get((item.text, tuple(sorted(item.blocked_by))), item.blocked_by)
        return replace(item, id=item.id if keeps_id else "", guards=guards, blocked_by=blocked_by)

    return filled.out_of(now.with_items(fitted), then)


def with_ids(now: Document, then: Document) -> Document:
    """A file's document with the ids of the items it had when it said `then`, edited or not."""
    named = {item.id for item in now.items}
    known = iter(
        [
            then.items[place].id if old is not None and edit_steps.is_same(old, new) else ""
            for old, new, place in edit_steps.pairs(_bare(then), _bare(now))
            if new is not None
        ]
    )

    def identified(item: Item) -> Item:
        ref = next(known)
        return item if item.id or ref in named else replace(item, id=ref)

    return now.with_items(identified)


def _bare(document: Document) -> tuple[Item, ...]:
    return tuple(replace(item, id="") for item in document.items)
