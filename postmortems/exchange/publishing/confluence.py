"""Pages of Confluence by its REST API: version 2 in the cloud, version 1 on a server of one's own.

Calls and members: Atlassian's manuals, "The Confluence Cloud REST API v2" and "Confluence Data Center REST
API". Which one it is, the address tells: it ends in `/api/v2` or `/rest/api`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from postmortems.document.model import Document
from postmortems.egress.client import Egress
from postmortems.exchange.exports import confluence_page
from postmortems.exchange.exports.confluence_markup import attribute, words
from postmortems.exchange.publishing import confluence_calls as calls
from postmortems.exchange.publishing import confluence_files
from postmortems.exchange.publishing.kind import Draft, Kind, Page
from postmortems.incidents.attachments import links
from postmortems.trackers import members
from postmortems.trackers.wire import Failed, Host

# The key of a space, and below which of its pages: `OPS`, `~ada`, `OPS/98304`.
PLACE = re.compile(r"(?P<space>~?[A-Za-z0-9._-]{1,200})(?:/(?P<parent>[1-9][0-9]{0,18}))?")
MESSAGE = "Published from postmortems"
PICTURE = re.compile(
    r'<ac:image(?: ac:alt="(?P<alt>[^"]*)")?><ri:url ri:value="(?P<source>[^"]*)" /></ac:image>'
)
# Nobody edits a page that is in the bin.
THERE = ("current", "")


def write(document: Document, source: str) -> str:
    """The body of a page: the document in storage format, and below it where it is edited."""
    body = confluence_page.written(document, title=False)
    # What was not attached to the page is read where it is kept.
    body = body.replace('href="/attachments/', f"href={attribute(_origin(source))[:-1]}/attachments/")
    body = PICTURE.sub(lambda found: _as_link(found, _origin(source)), body)
    has_links = f"{attribute(_origin(source))[:-1]}{links.PATH}" in body
    more = " Files that are linked here are there, for whoever may sign in." if has_links else ""
    return (
        f"{body}<p>Published from <a href={attribute(source)}>{words(source)}</a>; edit it there.{more}</p>\n"
    )


def _as_link(picture: re.Match[str], origin: str) -> str:
    """A picture that is attached here as a link: Confluence shows none for which one has to sign in."""
    if not picture["source"].startswith(f"{attribute(origin)[1:-1]}{links.PATH}"):
        return picture.group()
    said = picture["alt"] or words(unquote(picture["source"].rpartition("/")[2]))
    return f'<a href="{picture["source"]}">Picture: {said}</a>'


def read(host: Host, key: str, egress: Egress) -> Page | None:
    """The page as it is now."""
    try:
        found = calls.call(host, egress, "GET", _one(host, key))
    except Failed as failed:
        if failed.is_gone:
            return None
        raise
    said = calls.object_of(found)
    return _page(said, host) if members.text(said, "status") in THERE else None


def named(host: Host, draft: Draft, egress: Egress) -> Page | None:
    """The page of that title in the space: Confluence has no two."""
    space = _space(host)
    if calls.is_cloud(host):
        asked = {"space-id": _space_id(host, egress), "title": draft.title, "body-format": "storage"}
        found = calls.call(host, egress, "GET", f"/pages?{urlencode(asked)}")
    else:
        asked = {"spaceKey": space, "title": draft.title, "expand": "body.storage,version"}
        found = calls.call(host, egress, "GET", f"/content?{urlencode(asked)}")
    pages = calls.results(found)
    return _page(pages[0], host) if pages else None


def create(host: Host, draft: Draft, egress: Egress) -> Page:
    """A new page, below the one that the place names."""
    parent = _match(host)["parent"]
    storage = {"value": draft.body, "representation": "storage"}
    if calls.is_cloud(host):
        body: dict[str, Any] = {
            "spaceId": _space_id(host, egress),
            "status": "current",
            "title": draft.title,
            "body": storage,
        }
        body |= {"parentId": parent} if parent else {}
        made = calls.call(host, egress, "POST", "/pages", body)
    else:
        body = {"type": "page", "title": draft.title, "space": {"key": _space(host)}}
        body |= {"body": {"storage": storage}}
        body |= {"ancestors": [{"id": parent}]} if parent else {}
        made = calls.call(host, egress, "POST", "/content", body)
    return _again(host, _id(calls.object_of(made)), egress)


def update(host: Host, before: Page, draft: Draft, egress: Egress) -> Page:
    """The page anew, in the place of the version that was read."""
    storage = {"value": draft.body, "representation": "storage"}
    version = {"number": int(before.version) + 1, "message": MESSAGE}
    if calls.is_cloud(host):
        body: dict[str, Any] = {"status": "current", "body": storage}
    else:
        body = {"type": "page", "body": {"storage": storage}}
    body |= {"id": before.key, "title": draft.title, "version": version}
    calls.call(host, egress, "PUT", _one(host, before.key).partition("?")[0], body)
    return _again(host, before.key, egress)


def _again(host: Host, key: str, egress: Egress) -> Page:
    """The page as Confluence keeps it: it numbers what it is given, so it is not what was sent."""
    found = read(host, key, egress)
    if found is None:
        raise Failed(f"{calls.NAME} does not show the page that it has just stored")
    return found


def _one(host: Host, key: str) -> str:
    if calls.is_cloud(host):
        return f"/pages/{key}?body-format=storage"
    return f"/content/{key}?expand=body.storage,version"


def _page(found: Mapping[str, Any], host: Host) -> Page:
    links = members.inner(found, "_links")
    base = members.text(links, "base") or calls.site(host)
    return Page(
        key=_id(found),
        title=members.text(found, "title"),
        body=members.text(members.inner(members.inner(found, "body"), "storage"), "value"),
        version=_version(found),
        url=members.web({"url": f"{base}{members.text(links, 'webui')}"}, "url"),
    )


def _id(found: Mapping[str, Any]) -> str:
    said = members.text(found, "id")
    if not re.fullmatch(r"[0-9]{1,19}", said):
        raise Failed(f"{calls.NAME} answered with a page that has no id")
    return said


def _version(found: Mapping[str, Any]) -> str:
    number = members.inner(found, "version").get("number")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**63:
        raise Failed(f"{calls.NAME} answered with a page that has no version")
    return str(number)


def _space_id(host: Host, egress: Egress) -> str:
    found = calls.call(host, egress, "GET", f"/spaces?{urlencode({'keys': _space(host)})}")
    spaces = calls.results(found)
    if not spaces:
        raise Failed(f"{calls.NAME} has no space {_space(host)} that the token may see", 404, is_final=True)
    return _id(spaces[0])


def _space(host: Host) -> str:
    return _match(host)["space"]


def _match(host: Host) -> re.Match[str]:
    match = PLACE.fullmatch(host.place)
    if match is None:
        raise Failed(f"{host.place} is no space", is_final=True)
    return match


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


KIND = Kind(
    "confluence",
    calls.NAME,
    "https://you.atlassian.net/wiki/api/v2 in the cloud, https://wiki.example.org/rest/api on a server",
    "the key of a space, or that and the number of the page to publish below: OPS, OPS/98304",
    PLACE,
    write,
    read,
    named,
    create,
    update,
    confluence_files.attach,
    confluence_files.remove_others,
)
