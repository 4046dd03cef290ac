"""The public site: what customers read without signing in, as pages, feed, and files of a static folder."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup
from sqlalchemy import Row
from werkzeug.wrappers import Response as AnyResponse

from postmortems.document.markdown.references import Attached
from postmortems.errors import Invalid, NotFound, Refusal
from postmortems.incidents.attachments import file_store
from postmortems.incidents.exports import feed as atom
from postmortems.incidents.public_reports import queries, redaction
from postmortems.web import render
from postmortems.web.markdown import mention_links, pictures

blueprint = Blueprint("public_site", __name__, url_prefix="/public")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# Withdrawn, a page is gone from caches after so long.
KEPT_S = 60
LONGEST_SLUG = 200
MARKED = re.compile(f"(?P<whole>{pictures.TAG.pattern})|{redaction.MARK.pattern}")


@dataclass(frozen=True, slots=True)
class Site:
    """Where things are from a page: on the service, or beside each other in a folder."""

    name: str
    index: str
    feed: str
    css: str
    page: str
    files: str
    # In front of the addresses in the feed.
    base: str = ""

    def page_of(self, slug: str) -> str:
        return self.page.format(slug=quote(slug))

    def file_of(self, slug: str, name: str) -> str:
        return self.files.format(slug=quote(slug), name=name)


def served() -> Site:
    """The site as this service serves it."""
    css = current_app.jinja_env.globals["url_for"]
    style = css("static", filename="public.css")  # type: ignore[operator]
    settings = current_app.extensions["settings"]
    return Site(
        settings.public_name,
        "/public/",
        "/public/feed.atom",
        style,
        "/public/{slug}",
        "/public/{slug}/files/{name}",
        settings.url,
    )


def in_folder(name: str, base: str = "") -> Site:
    """The site as files beside each other; `base` is where they will be served, "" where nobody said."""
    base = f"{base.rstrip('/')}/" if base else ""
    return Site(name, "index.html", "feed.atom", "public.css", "{slug}.html", "files/{name}", base)


@blueprint.before_request
def _refuse_where_off() -> None:
    if not current_app.extensions["settings"].public_name:
        raise NotFound("nothing is published here")


@blueprint.errorhandler(Refusal)
def _missing(_refusal: Refusal) -> tuple[str, int]:
    return render_template("public/missing.html", site=served()), 404


@blueprint.get("/")
def index() -> AnyResponse:
    """All public reports, newest first."""
    after = request.args.get("after", "")
    if len(after) > LONGEST_SLUG or "\0" in after:
        raise Invalid("is no report's name", "/after")
    rows = queries.public_reports(after, queries.PAGE_ROWS + 1)
    shown = rows[: queries.PAGE_ROWS]
    more = f"?after={quote(shown[-1].slug)}" if len(rows) > len(shown) else ""
    return _cached(Response(index_html(shown, served(), more)))


@blueprint.get("/feed.atom")
def feed() -> AnyResponse:
    """The newest ones for a feed reader."""
    rows = queries.public_reports(limit=queries.FEED_ENTRIES)
    return _cached(Response(feed_xml(rows, served()), mimetype="application/atom+xml"))


@blueprint.get("/<slug>")
def show(slug: str) -> AnyResponse:
    """One public report, as it was published."""
    return _cached(Response(report_html(queries.public_report(slug), served())))


@blueprint.get("/<slug>/files/<name>")
def picture(slug: str, name: str) -> AnyResponse:
    """A picture that a public report shows, as long as it does."""
    kept = queries.public_report(slug).edition.get("pictures", ())
    found = next((each for each in kept if each["name"] == name), None)
    if found is None:
        raise NotFound("there is no such picture")
    return _cached(Response(file_store.get(found["sha256"]), mimetype=found["media_type"]))


@blueprint.get("/<path:rest>")
def missing(rest: str) -> AnyResponse:
    """There is nothing else here."""
    raise NotFound("there is nothing here")


def _cached(response: Response) -> AnyResponse:
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.add_etag()
    return response.make_conditional(request)


def report_html(row: Row[Any], site: Site) -> str:
    """The page of a public report."""
    edition = row.edition
    sections = [
        (each["heading"], text_html(each["text"], row.slug, edition.get("pictures", ()), site))
        for each in edition["sections"]
    ]
    return render_template("public/report.html", site=site, row=row, edition=edition, sections=sections)


def index_html(rows: Sequence[Row[Any]], site: Site, more: str = "") -> str:
    """The page that lists them; `more` is the address of the next page."""
    return render_template("public/index.html", site=site, rows=rows, more=more)


def text_html(text: str, slug: str, kept: Sequence[dict[str, Any]], site: Site) -> Markup:
    """Redacted Markdown as HTML with the pictures that were chosen and no other, and what went marked."""
    return _with(
        text,
        {
            each["link"]: Attached(site.file_of(slug, each["name"]), each["width"], each["height"])
            for each in kept
        },
    )


def previewed(text: str, attached: Mapping[str, Attached]) -> Markup:
    """The same before it is published; `attached` are the chosen pictures where they are in house."""
    return _with(text, attached)


def _with(text: str, attached: Mapping[str, Attached]) -> Markup:
    own = {each.address for each in attached.values()}
    html = pictures.placed(mention_links.bare(render.as_html(text)), attached)
    return Markup(MARKED.sub(lambda found: _shown(found, own), html))


def _shown(found: re.Match[str], own: set[str]) -> str:
    if not found["whole"]:
        return f'<span class="out">{found[0]}</span>'
    attributes = dict(pictures.ATTRIBUTE.findall(found["attributes"]))
    if found["name"] == "img" and attributes.get("src") not in own:
        return ""
    # Whatever Markdown was made to say: nobody is led from here into the house.
    href = attributes.get("href", "#")
    is_led = found["name"] == "a" and not href.startswith(("https://", "http://", "#"))
    return "<a>" if is_led else found[0]


def feed_xml(rows: Sequence[Row[Any]], site: Site) -> bytes:
    """The feed. Ids are made of names alone, so they stay where the site moves."""
    entries = [
        atom.Entry(
            _id(site.name, row.slug),
            f"{site.base}{site.page_of(row.slug)}",
            row.edition["title"],
            row.first_published_at,
            row.published_at,
            summary=str(Markup.escape(row.edition["summary"])),
        )
        for row in rows
    ]
    head = atom.Head(_id(site.name), site.name, f"{site.base}{site.feed}", f"{site.base}{site.index}")
    return atom.to_atom(entries, head)


def _id(*names: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(("public reports", *names))).urn


def files(site: Site) -> Iterator[tuple[str, bytes]]:
    """Everything that is public as files of a static folder: path and content; inside a unit of work."""
    rows = list(_all())
    yield site.index, index_html(rows, site).encode()
    yield site.feed, feed_xml(rows[: queries.FEED_ENTRIES], site)
    folder = current_app.static_folder
    with open(f"{folder}/public.css", "rb") as style:
        yield site.css, style.read()
    given: set[str] = set()
    for row in rows:
        yield site.page_of(row.slug), report_html(row, site).encode()
        for each in row.edition.get("pictures", ()):
            if each["name"] not in given:
                given.add(each["name"])
                yield site.file_of(row.slug, each["name"]), file_store.get(each["sha256"])


def _all() -> Iterator[Row[Any]]:
    after = ""
    while rows := queries.public_reports(after, queries.PAGE_ROWS):
        yield from rows
        after = rows[-1].slug
