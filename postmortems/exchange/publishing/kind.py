"""A kind of outlet: what publishing needs of a system, so that another one is one module and one row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from postmortems.document.model import Document
from postmortems.egress.client import Egress
from postmortems.trackers.wire import Host


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is there. `version` is whatever changes with each edit, as the system says it."""

    key: str
    title: str
    body: str
    version: str
    url: str

    @property
    def digest(self) -> str:
        """What tells whether somebody changed its words, whatever its version says."""
        return _digest(self.title, self.body)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written: `source` is the incident's address here, which the body names."""

    title: str
    body: str
    source: str

    @property
    def digest(self) -> str:
        """That of the page, where the system keeps what it is given as it is."""
        return _digest(self.title, self.body)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the incident, by the link that its text has, and the name that it has at an outlet."""

    link: str
    name: str
    media_type: str
    sha256: str
    size: int


def _digest(title: str, body: str) -> str:
    return hashlib.sha256(f"{title}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()


class Attach(Protocol):
    def __call__(
        self,
        host: Host,
        page: str,
        pictures: Sequence[Picture],
        load: Callable[[Picture], bytes],
        egress: Egress,
        *,
        overwrite: bool,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A system that incidents are published to. Its functions raise `Failed`, `Refused` and `Unreachable`.

    `write` makes the body of a page of a document and its address here. `read` is None for a page that is
    gone, `named` finds the one of that title, or of that source, in the place. `update` says which version it
    replaces; a system that has another one by then answers with `Failed` of status 409.

    `attach` puts pictures on a page, which its text then has by name, `remove_others` takes away what we
    attached before and the text has no more; a system without them has links to the pictures.
    """

    name: str
    title: str
    api_help: str
    place_help: str
    place: re.Pattern[str]
    write: Callable[[Document, str], str]
    read: Callable[[Host, str, Egress], Page | None]
    named: Callable[[Host, Draft, Egress], Page | None]
    create: Callable[[Host, Draft, Egress], Page]
    update: Callable[[Host, Page, Draft, Egress], Page]
    attach: Attach | None = None
    remove_others: Callable[[Host, str, Sequence[Picture], Egress], None] | None = None
