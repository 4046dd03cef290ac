"""Kept parts: what a page shows, from before where everything that was read for it finds the same now."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
MOST, LARGEST = 8 * 1024 * 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is kept: what it was made of, and its pieces."""

    reads: Reads
    pieces: tuple[str | Late, ...]

    @property
    def letters(self) -> int:
        return sum(len(piece) for piece in self.pieces if isinstance(piece, str))


def install() -> Kept[Part]:
    """Where an application keeps them."""
    return Kept(MOST, LARGEST)


def shown(name: Hashable, make: Callable[[Actor], str], *, is_personal: bool) -> Markup:
    """What `make` renders, or rendered before; it reads all that it shows, and `name` says what that is.

    It may depend on the day, but on the time of day by `ago` alone. Not `is_personal`, it is made for anybody
    of the reader's roles: it does not learn who that is. Where anything is restricted, it is always personal.
    """
    actor = auth.current_actor()
    hides = restrictions.hides_anything()
    is_personal = is_personal or hides
    whose = actor if is_personal else Actor(actor.kind, "", actor.role, team_roles=actor.team_roles)
    kept: Kept[Part] = current_app.extensions["kept_parts"]
    key = (name, whose, hides, clock.now().date(), request.script_root)
    found = kept.get(key)
    if found is None or not found.reads.still_hold():
        found = _made(make, whose, is_personal=is_personal)
        # Shown all the same, a part is not kept that is too large, lacks what there was no time for, or
        # depends on more than was read.
        if found.reads.is_whole and render.has_time() and found.letters <= LARGEST:
            found.reads.settle()
            kept.put(key, found, found.letters + found.reads.size)
    return Markup("".join(map(_put_in, found.pieces)))


def rendered(template: str, **values: Any) -> str:
    """The template for a part that is kept; of the request it sees nothing but these values."""
    return render_template(template, request=None, session=None, g=None, **values)


def _made(make: Callable[[Actor], str], whose: Actor, *, is_personal: bool) -> Part:
    with reads.recorded() as asked, late.marked(), _seen_by(whose, is_personal=is_personal):
        html = make(whose)
    return Part(asked, late.pieces(html))


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


def _put_in(piece: str | Late) -> str:
    if isinstance(piece, str):
        return piece
    if piece.kind == late.TOKEN:
        return csrf.token_of_answer()
    if piece.kind == late.WRITER:
        return unsent.written_by()
    return render.distance((clock.now() - late.instant_of(piece)).total_seconds())
