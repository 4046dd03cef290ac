"""Calls as values: what is asked, and of which type the answer is; a client sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from urllib.parse import quote

T = TypeVar("T")
Row = TypeVar("Row")
Query = Mapping[str, Any]

# What does the same however often it arrives (RFC 9110 §9.2.2).
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True)
class Text:
    """A body that is no JSON: Markdown of an incident, YAML of guards, what a job printed."""

    content: str | bytes
    media_type: str = "text/markdown"


@dataclass(frozen=True)
class File:
    """A part of a form: a file with its name, or a field without one."""

    content: str | bytes
    name: str = ""
    field: str = "files"


@dataclass(frozen=True)
class Call(Generic[T]):
    """One operation with what it is given; `T` is the type of what it answers."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    # That a second arrival adds nothing: by its method, or because the server knows it by its key.
    is_repeatable: bool = False

    @property
    def may_be_repeated(self) -> bool:
        """Whether it may be sent again when nobody knows if it arrived."""
        return self.method in REPEATABLE or (self.is_repeatable and "Idempotency-Key" in self.told_headers)

    @property
    def told_query(self) -> dict[str, Any]:
        """The query without what was not given."""
        return {name: _in_query(value) for name, value in self.query.items() if value is not None}

    @property
    def told_headers(self) -> dict[str, str]:
        """The headers without what was not given."""
        return {name: str(value) for name, value in self.headers.items() if value is not None}


@dataclass(frozen=True)
class Listing(Call[T], Generic[T, Row]):
    """A call for a page of a list, which a client can follow to the end: `Row` is the type of its rows."""

    rows: str = ""
    cursor: str = "after"

    def following(self, page: Any) -> Listing[T, Row] | None:
        """The call for the page after this one; None where it is the last."""
        place = page.get("next")
        if place in (None, ""):
            return None
        return replace(self, query={**self.query, self.cursor: place})


def path(value: Any) -> str:
    """A value as one part of an address."""
    said = quote(str(value), safe="")
    # Dots alone would be taken for a way up.
    return said.replace(".", "%2E") if said in {".", ".."} else said


def _in_query(value: Any) -> Any:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value
