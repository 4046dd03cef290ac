"""Errors: what can be refused, in words. Doors turn them into HTTP answers or exit codes.

Refusal
├── Invalid        the input is wrong: each problem names the place and what to do
├── NotFound       no such thing, or none that this actor may know of
├── NotSignedIn    who are you?
├── NotAllowed     you may not
├── Conflict       it changed meanwhile, or the name is taken
│   ├── Busy       the very same request is being answered; says when to come back
│   └── Stale      an older version was edited: carries both texts, so nothing is lost
├── TooMany        slow down; says when to come back
├── OutOfReach     another server that it takes does not answer at this moment
└── Unavailable    this server cannot do it; says what it lacks, or what to do instead
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way out of a refusal: its name, what to do, and either the field to fill in or the page to go to.

    `value` is what the field then says; "" where the person has to write it.
    """

    code: str
    do: str
    field: str = ""
    value: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong place: a JSON pointer into the input (`""` for all of it) and what to do about it.

    `line` is where it stands, for input that was text with lines. `reason_code` names the reason and
    `remedies` the ways out, where there are several to choose from.
    """

    pointer: str
    detail: str
    line: int | None = None
    reason_code: str = ""
    remedies: tuple[Remedy, ...] = ()


class Refusal(Exception):
    """The base of everything we say no with. The text is for the person who asked."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Misconfigured(Exception):
    """A setting that cannot be used; the text says which one and what to write instead."""


class Invalid(Refusal):
    """What is wrong, of thousands of places the first: or a refusal would be larger than what was sent."""

    def __init__(self, problems: Iterable[Problem] | str, pointer: str = "") -> None:
        each = iter([Problem(pointer, problems)] if isinstance(problems, str) else problems)
        self.problems = list(islice(each, MOST_PROBLEMS))
        if next(each, None) is not None:
            self.problems.append(Problem("", f"and more than these {MOST_PROBLEMS}, which come first"))
        super().__init__("; ".join(problem.detail for problem in self.problems))


class NotFound(Refusal):
    pass


class NotSignedIn(Refusal):
    pass


class NotAllowed(Refusal):
    pass


class Conflict(Refusal):
    pass


class Busy(Conflict):
    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Stale(Conflict):
    """Someone saved in between. `mine` was sent, `theirs` is stored, `base` is what both began from.

    All are Markdown. `clashes` are the parts that both changed to different ones, each with its three texts.
    `slug` is the incident's, where whoever sent the text did not name it; `merged` is a text to begin from,
    with both or with theirs where both changed the same. `differs` names the parts of the two that do.
    """

    def __init__(
        self,
        detail: str,
        *,
        version: int,
        mine: str,
        theirs: str,
        slug: str = "",
        merged: str = "",
        differs: Iterable[str] = (),
        base: str = "",
        clashes: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(detail)
        self.base, self.clashes = base, tuple(clashes)
        self.version, self.mine, self.theirs = version, mine, theirs
        self.slug, self.merged, self.differs = slug, merged, tuple(differs)


class TooMany(Refusal):
    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class OutOfReach(Refusal):
    pass


class Unavailable(Refusal):
    pass
