"""Errors: what the server refuses, with the words for each field, and what does not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class PostmortemsError(Exception):
    """Anything that this client raises of its own."""


class Unreachable(PostmortemsError):
    """There is no answer: no connection, or none in time, however often it was tried."""


class NotJson(PostmortemsError):
    """The answer is no JSON: another server stands there, or a file was asked for (see `download`)."""


@dataclass(frozen=True)
class Remedy:
    """One way out of a refusal: a field to fill in with a value, or a page to go to."""

    code: str
    do: str
    field: str = ""
    value: str = ""
    page: str = ""


@dataclass(frozen=True)
class Wrong:
    """One wrong place of what was sent: a JSON pointer such as `/title`, and what to do about it."""

    pointer: str
    detail: str
    line: int | None = None
    column: int | None = None
    reason_code: str = ""
    remedies: tuple[Remedy, ...] = ()

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line is not None else ""
        return f"{self.pointer or 'the request'}{line}: {self.detail}"


class Refused(PostmortemsError):
    """The server refuses a request (RFC 9457); its subclasses say why, `problem` has all it said."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after_s: float | None = None) -> None:
        self.status, self.problem, self.retry_after_s = status, problem, retry_after_s
        self.title = str(problem.get("title", "")) or f"status {status}"
        self.detail = str(problem.get("detail", ""))
        self.errors = tuple(_wrong(each) for each in problem.get("errors") or ())
        said = "; ".join(str(each) for each in self.errors) or self.detail
        super().__init__(f"{status} {self.title}: {said}" if said else f"{status} {self.title}")

    def of(self, pointer: str) -> list[str]:
        """What is wrong at one place, such as `/title`."""
        return [each.detail for each in self.errors if each.pointer == pointer]


class Malformed(Refused):
    """400: the body cannot be read."""


class NotSignedIn(Refused):
    """401: no token, or one that is wrong, expired or revoked."""


class NotAllowed(Refused):
    """403: the token's scopes or its owner's role do not reach so far."""


class NotFound(Refused):
    """404: there is nothing there, or nothing that this token may know of."""


class Conflict(Refused):
    """409: it is in conflict with what is stored."""


class Changed(Conflict):
    """409 or 412: somebody saved in between. `version`, `theirs` and `merged` are what is stored now."""

    @property
    def version(self) -> int | None:
        return self.problem.get("version")

    @property
    def theirs(self) -> str:
        return str(self.problem.get("theirs", ""))

    @property
    def merged(self) -> str:
        return str(self.problem.get("merged", ""))


class TooLarge(Refused):
    """413: more than the server takes at once."""


class Invalid(Refused):
    """422: something in the input is wrong; `errors` says where, and what to do."""


class TooMany(Refused):
    """429: too much at once, still after what `Retry-After` said."""


class Failed(Refused):
    """5xx: the server failed, or cannot serve right now."""


BY_STATUS: dict[int, type[Refused]] = {
    400: Malformed,
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    412: Changed,
    413: TooLarge,
    422: Invalid,
    429: TooMany,
}


def refusal(status: int, problem: Mapping[str, Any], retry_after_s: float | None) -> Refused:
    """The error for an answer of 400 and above."""
    kind = BY_STATUS.get(status, Failed if status >= 500 else Refused)
    if kind is Conflict and "theirs" in problem:
        kind = Changed
    return kind(status, problem, retry_after_s)


def _wrong(told: Mapping[str, Any]) -> Wrong:
    known = {name: told[name] for name in ("line", "column", "reason_code") if name in told}
    remedies = tuple(
        Remedy(**{name: str(each.get(name, "")) for name in ("code", "do", "field", "value", "page")})
        for each in told.get("remedies", ())
    )
    return Wrong(str(told.get("pointer", "")), str(told.get("detail", "")), remedies=remedies, **known)
