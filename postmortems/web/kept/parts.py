"""Kept parts: what a page shows, from before where everything that was read for it finds the same now."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app, g, render_template, request
from markupsafe import Markup

from postmortems import clock, visibility
from postmortems.actor import Actor
from postmortems.db import reads
from postmortems.db.reads import Reads
from postmortems.document.parse_cache import Kept
from postmortems.incidents.restricted import restrictions
from postmortems.web import auth, csrf, render, unsent
from postmortems.web.kept import late
from postmortems.web.kept.late import Late

# Bytes in each process: of some two hundred pages with what they were made of.
ALWAYS = datetime.max.replace(tzinfo=UTC)
MOST, LARGEST = 8 * 1024 * 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is kept: what it was made of, and its pieces."""

    reads: Reads
    pieces: tuple[str | Late, ...]
    until: datetime

    @property
    def letters(self) -> int:
        return sum(len(piece) for piece in self.pieces if isinstance(piece, str))


def install() -> Kept[Part]:
    """Where an application keeps them."""
    return Kept(MOST, LARGEST)


def shown(
    name: Hashable,
    make: Callable[[Actor], str],
    *,
    is_personal: bool,
    lasts_s: float = 0,
) -> Markup:
    """What `make` renders, or rendered before; it reads all that it shows, and `name` says what that is.

    It may depend on the day, but on the time of day by `ago` alone. Not `is_personal`, it is made for anybody
    of the reader's roles: it does not learn who that is. Where anything is restricted, it is always personal.
    What asks for more than the day, such as what has expired, may stand for `lasts_s` seconds.
    """
    actor = auth.current_actor()
    hiding = restrictions.hiding()
    is_personal = is_personal or hiding.is_any
    whose = actor if is_personal else Actor(actor.kind, "", actor.role, team_roles=actor.team_roles)
    kept: Kept[Part] = current_app.extensions["kept_parts"]
    now = clock.now()
    key = (name, whose, hiding, now.date(), request.script_root)
    found = kept.get(key)
    if found is None or now >= found.until or not found.reads.still_hold():
        found = _made(make, whose, is_personal=is_personal)
        if found.reads.is_timed:
            # Whoever looks through broken glass does so to the second.
            found = replace(found, until=now + timedelta(seconds=0 if hiding.is_glass_open else lasts_s))
        if found.until > now:
            _keep(kept, key, found)
    return Markup("".join(_sent(found.pieces)))


def _keep(kept: Kept[Part], key: Hashable, part: Part) -> None:
    """Keep a part, unless it is too large, lacks what there was no time for, or is not of its reads alone."""
    if part.reads.is_whole and render.has_time() and part.letters <= LARGEST:
        part.reads.settle()
        kept.put(key, part, part.letters + part.reads.size + len(repr(key)))


def rendered(template: str, **values: Any) -> str:
    """The template for a part that is kept; of the request it sees nothing but these values."""
    return render_template(template, request=None, session=None, g=None, **values)


def _made(make: Callable[[Actor], str], whose: Actor, *, is_personal: bool) -> Part:
    with reads.recorded() as asked, late.marked(), _seen_by(whose, is_personal=is_personal):
        html = make(whose)
    return Part(asked, late.pieces(html), ALWAYS)


@contextmanager
def _seen_by(whose: Actor, *, is_personal: bool) -> Iterator[None]:
    """Let nobody find out who looks, where that is to be nobody in particular."""
    before = g.actor
    g.actor = whose
    try:
        with visibility.seen_by(visibility.viewer() if is_personal else visibility.NOBODY):
            yield
    finally:
        g.actor = before


def _sent(pieces: Sequence[str | Late]) -> Iterator[str]:
    """The part as it is sent now: a form's token stands in it many times, and is made once."""
    known: dict[Late, str] = {}
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
            continue
        if piece not in known:
            known[piece] = _put_in(piece)
        yield known[piece]


def _put_in(piece: Late) -> str:
    if piece.kind == late.TOKEN:
        return csrf.token_of_answer()
    if piece.kind == late.WRITER:
        return unsent.written_by()
    if piece.kind == late.NOW:
        return str(render.present())
    if piece.kind == late.INSTANT:
        return clock.now().isoformat()
    return render.distance((clock.now() - late.instant_of(piece)).total_seconds())
