"""Where an act comes from: the way in and the address, which doors say once and audit events carry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

LONGEST_ADDRESS = 45


@dataclass(frozen=True, slots=True)
class Origin:
    """`way` is web, api, assistant, command or worker; `address` is empty where none sends anything."""

    way: str
    address: str = ""


# What nobody asked for comes from the service itself.
ITSELF = Origin("worker")

_origin: ContextVar[Origin] = ContextVar("origin", default=ITSELF)


def current() -> Origin:
    return _origin.get()


def become(origin: Origin) -> None:
    """What is done from here on comes from there; for a door, which ends with `become(ITSELF)`."""
    _origin.set(origin)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """What is done within comes from there."""
    before = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(before)
