"""Visibility: whose eyes the current queries have. What these may see, `incidents/restricted` says.

Nobody's until a door says whose, so what forgets to say sees too little and never too much.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from postmortems.actor import Actor


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person by the account's name, "" for nobody, or the service's own look at everything."""

    name: str = ""
    sees_all: bool = False
    # Who is recorded as a reader of what is restricted, and from where; None for what nobody is shown.
    actor: Actor | None = field(default=None, compare=False)
    way: str = field(default="", compare=False)
    address: str = field(default="", compare=False)


NOBODY = Viewer()
# For what the service works out for itself and tells nobody, and where an operator asks for it by name.
EVERYTHING = Viewer(sees_all=True)

_viewer: ContextVar[Viewer] = ContextVar("viewer", default=NOBODY)


def viewer() -> Viewer:
    """Who looks now."""
    return _viewer.get()


def become(viewer: Viewer) -> None:
    """Look with these eyes from here on; for a door, which ends with `become(NOBODY)`."""
    _viewer.set(viewer)


@contextmanager
def seen_by(viewer: Viewer) -> Iterator[None]:
    """Look with other eyes for a while."""
    before = _viewer.get()
    _viewer.set(viewer)
    try:
        yield
    finally:
        _viewer.set(before)
