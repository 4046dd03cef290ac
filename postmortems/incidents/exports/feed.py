"""Published incidents as an Atom feed (RFC 4287), newest first. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as Xml

from postmortems.document.text import one_line, printable
from postmortems.incidents.models import Incident

NAMESPACE = "http://www.w3.org/2005/Atom"
# A feed must say when it changed, and one without entries never has.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """An incident, and its summary as sanitised HTML ("" where it has none)."""

    incident: Incident
    summary: str = ""


def to_atom(entries: Sequence[Entry], own_address: str, url: str) -> bytes:
    """The feed; `own_address` is its own whole address, `url` the service's."""
    feed = Xml.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en"})
    _text(feed, "id", own_address)
    _text(feed, "title", "Postmortems")
    _text(feed, "updated", _instant(max((entry.incident.saved_at for entry in entries), default=NEVER)))
    Xml.SubElement(feed, "link", rel="self", type="application/atom+xml", href=own_address)
    Xml.SubElement(feed, "link", rel="alternate", type="text/html", href=f"{url}/incidents")
    _text(Xml.SubElement(feed, "author"), "name", "Postmortems")
    for entry in entries:
        _entry(feed, entry, f"{url}/incidents/{entry.incident.slug}")
    Xml.indent(feed)
    return bytes(Xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(feed: Xml.Element, entry: Entry, address: str) -> None:
    incident = entry.incident
    element = Xml.SubElement(feed, "entry")
    _text(element, "id", address)
    _text(element, "title", one_line(incident.title) or incident.slug)
    Xml.SubElement(element, "link", rel="alternate", type="text/html", href=address)
    _text(element, "published", _instant(incident.published_at or incident.saved_at))
    _text(element, "updated", _instant(incident.saved_at))
    if incident.created_by:
        _text(Xml.SubElement(element, "author"), "name", incident.created_by)
    for term in dict.fromkeys([incident.severity, *incident.services, *incident.tags]):
        if printable(term):
            Xml.SubElement(element, "category", term=printable(term))
    if entry.summary:
        _text(element, "summary", entry.summary).set("type", "html")


def _text(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    element = Xml.SubElement(parent, name)
    element.text = printable(text)
    return element


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
