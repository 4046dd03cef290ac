"""Downloads: content types, file names, and streaming of long ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import chain
from typing import TypeVar
from urllib.parse import quote

from flask import Response, current_app, request

from postmortems import visibility
from postmortems.db import session as db
from postmortems.incidents.page_keys import Page

Row = TypeVar("Row")
Made = TypeVar("Made")
Part = TypeVar("Part", str, bytes)
BOM = "\ufeff"


def wanted(named: str, forms: Mapping[str, str]) -> str:
    """The form that the address names, else the one that Accept prefers, the first where all are alike.

    `forms` has the content type of each.
    """
    if named:
        return named
    best = request.accept_mimetypes.best_match(list(forms.values()), next(iter(forms.values())))
    return next(form for form, mimetype in forms.items() if mimetype == best)


def own_url() -> str:
    """The service's own address, for links that must work from anywhere."""
    url: str = current_app.extensions["settings"].url
    return url


def leaving(*, restricted: bool) -> AbstractContextManager[None]:
    """Choose what leaves as a file: what is restricted stays in, unless somebody it names asks for it."""
    return visibility.seen_by(visibility.viewer() if restricted else visibility.NOBODY)


def attachment(name: str) -> str:
    """The header that names a file. A name beyond ASCII is said twice, as RFC 6266 §4.3 has it."""
    if name.isascii():
        return f'attachment; filename="{name}"'
    plain = f"incident.{name.rpartition('.')[2]}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


def named(response: Response, name: str) -> Response:
    """The answer, to be kept under that name."""
    response.headers["Content-Disposition"] = attachment(name)
    response.vary.add("Accept")
    return response


def streamed(parts: Iterator[Part], mimetype: str, name: str) -> Response:
    """A file piece by piece, for views with units of their own.

    The first piece is made before the answer begins, so what is refused is still refused in words.
    """
    first = next(parts)
    return named(Response(chain([first], parts), mimetype=mimetype), name)


def csv(parts: Iterable[str], name: str, *, bom: bool) -> Response:
    """CSV piece by piece; `bom` puts a byte order mark (U+FEFF) in front, as Excel wants for UTF-8."""
    return streamed(chain([BOM] if bom else [], parts), "text/csv", name)


def unless_known(tag: str, make: Callable[[], Response]) -> Response:
    """What `make` answers, or 304 for a reader that has what this tag names (RFC 9110 §13.1.2).

    The tag is weak: what it names may be said in other bytes.
    """
    known = request.if_none_match.contains_weak(tag)
    response = Response(status=304) if known else make()
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def in_pages(
    fetch: Callable[[str], Page[Row]], write: Callable[[list[Row]], Iterable[Part]], head: Part
) -> Iterator[Part]:
    """What `write` makes of the rows of a list, behind `head`, a piece for each page."""
    lead: Part = head
    for made in pages(fetch, write):
        piece: Part = lead[:0].join(made)
        yield lead + piece
        lead = lead[:0]


def pages(
    fetch: Callable[[str], Page[Row]], write: Callable[[list[Row]], Iterable[Made]]
) -> Iterator[list[Made]]:
    """What `write` makes of the rows of a list, page by page; as much is held as a page has.

    A page is a unit of work of its own: none is open while a slow reader takes what is there. So a list that
    is edited meanwhile is not of one moment. All are seen with the eyes of who asked for the first.
    """
    after, viewer = "", visibility.viewer()
    while True:
        with visibility.seen_by(viewer), db.reading(may_lag=True):
            page = fetch(after)
            made = list(write(page.rows))
        yield made
        after = page.after
        if not after:
            return
