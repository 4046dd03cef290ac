"""Published reports as an Atom feed (RFC 4287), newest first. Pure."""

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
    """A report: its id and address, and its summary as sanitised HTML ("" where it has none)."""

    id: str
    address: str
    title: str
    published: datetime
    updated: datetime
    author: str = ""
    terms: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a feed says of itself; `address` is its own, whole, and `page` that of the list it is made of.

    A feed whose address is a secret has none: who is given another one may ask there the next time.
    """

    id: str
    name: str
    address: str
    page: str


def of_incident(incident: Incident, summary: str, url: str) -> Entry:
    """An incident as it is fed in house; `url` is the service's own address."""
    address = f"{url}/incidents/{incident.slug}"
    return Entry(
        address,
        address,
        one_line(incident.title) or incident.slug,
        incident.published_at or incident.saved_at,
        incident.saved_at,
        incident.created_by,
        (incident.severity, *incident.services, *incident.tags),
        summary,
    )


def in_house(entries: Sequence[Entry], own_address: str, url: str) -> bytes:
    """The feed of incidents; `own_address` is its own whole address, `url` the service's."""
    return to_atom(entries, Head(own_address, "Postmortems", own_address, f"{url}/incidents"))


def to_atom(entries: Sequence[Entry], head: Head) -> bytes:
    """The feed as XML."""
    feed = Xml.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en"})
    _text(feed, "id", head.id)
    _text(feed, "title", head.name)
    _text(feed, "updated", _instant(max((entry.updated for entry in entries), default=NEVER)))
    # First, as some readers take the first link for the page (feed-extractor 8.0).
    Xml.SubElement(feed, "link", rel="alternate", type="text/html", href=head.page)
    if head.address:
        Xml.SubElement(feed, "link", rel="self", type="application/atom+xml", href=head.address)
    _text(Xml.SubElement(feed, "author"), "name", head.name)
    for entry in entries:
        _entry(feed, entry)
    Xml.indent(feed)
    return bytes(Xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(feed: Xml.Element, entry: Entry) -> None:
    element = Xml.SubElement(feed, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    Xml.SubElement(element, "link", rel="alternate", type="text/html", href=entry.address)
    _text(element, "published", _instant(entry.published))
    _text(element, "updated", _instant(entry.updated))
    if entry.author:
        _text(Xml.SubElement(element, "author"), "name", entry.author)
    for term in dict.fromkeys(entry.terms):
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
