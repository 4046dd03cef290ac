"""The fields of a document's JSON form, each checked for type, vocabulary and size.

A value that cannot be taken raises `Wrong`, with the problems and where they are below it; whoever reads a
list or an object puts its own name in front, so the pointers are whole at the top.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from postmortems.document.text import SLUG, lines_of, one_line, tidy
from postmortems.errors import Problem

HALF_A_PAIR = re.compile("[\ud800-\udfff]")
Json = dict[str, Any]
Load = Callable[[Any], Any]

LONGEST_LINE, LONGEST_TEXT, MOST_LISTED, LONGEST_ID = 2_000, 200_000, 200, 40


@dataclass(frozen=True, slots=True)
class Member:
    """How a member of an object is read, and what the JSON Schema and the API's reference say of it.

    `shape` is the JSON Schema of what we work out ourselves; what is read has the one of its `load`.
    """

    load: Load
    description: str = ""
    reference: str = ""
    example: str | list[str] = ""
    shape: Json | None = None


class Wrong(Exception):
    """A value that cannot be taken, and where below the value that was being read."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems

    @classmethod
    def here(cls, detail: str) -> Wrong:
        return cls(Problem("", detail))


def text(value: Any) -> str:
    return tidy(_checked(value, LONGEST_TEXT))


def line(value: Any, *, most: int = LONGEST_LINE) -> str:
    return one_line(" ".join(lines_of(_checked(value, most))))


def _checked(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise Wrong.here("must be text")
    if len(value) > most:
        raise Wrong.here(f"longer than {most:,} characters")
    if "\0" in value:
        raise Wrong.here("must not contain a NUL character")
    if HALF_A_PAIR.search(value):
        raise Wrong.here("contains half of a surrogate pair, which is no character")
    return value


def raw(value: Any) -> str:
    """YAML keeps the line end it begins with: a list stands below its key."""
    return "\n".join(lines_of(_checked(value, LONGEST_TEXT))).rstrip(" \t\n")


def name(value: Any) -> str:
    """One of a list: it has to say something."""
    name = line(value)
    if not name:
        raise Wrong.here("must not be empty")
    return name


def day(value: Any) -> Date | None:
    if value in (None, ""):
        return None
    try:
        if isinstance(value, str) and len(value) == 10:
            return Date.fromisoformat(value)
    except ValueError:
        pass
    raise Wrong.here("must be a date such as 2018-01-25, or null")


def choice(value: Any, *, values: Sequence[str]) -> str:
    text = line(value)
    if text and text not in values:
        raise Wrong.here(f"must be empty or one of {', '.join(values)}")
    return text


def slug(value: Any) -> str:
    text = line(value)
    if text and not SLUG.fullmatch(text):
        raise Wrong.here("must be empty or an incident's slug, such as 2018-01-25-accidental-merge-to-prod")
    return text


def identifier(value: Any) -> str:
    text = line(value)
    if text and not (text.startswith("AI-") and text[3:].isascii() and text[3:].isdigit() and text[3] != "0"):
        raise Wrong.here("must be empty or look like AI-2; the service gives the numbers")
    return text


def part_id(value: Any) -> str:
    return line(value, most=LONGEST_ID)


def listed(value: Any, *, load: Load, most: int = MOST_LISTED) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Wrong.here("must be a list")
    if len(value) > most:
        raise Wrong.here(f"more than {most:,} of them")
    return tuple(each(((str(at), item, load) for at, item in enumerate(value))))


def each(loads: Iterable[tuple[str, Any, Load]]) -> list[Any]:
    """Load every value; the problems of all of them together, each under its own name."""
    loaded: list[Any] = []
    problems: list[Problem] = []
    for name, value, load in loads:
        try:
            loaded.append(load(value))
        except Wrong as wrong:
            token = name.replace("~", "~0").replace("/", "~1")
            problems += [Problem(f"/{token}{each.pointer}", each.detail) for each in wrong.problems]
    if problems:
        raise Wrong(*problems)
    return loaded


def unknown(value: Any) -> None:
    raise Wrong.here("is not a field of this")


def ignored(value: Any) -> None:
    """What we work out ourselves may come back, and says nothing."""


def fields(value: Any, members: Mapping[str, Member]) -> dict[str, Any]:
    """The members of a JSON object, loaded, without those that we work out."""
    if not isinstance(value, dict):
        raise Wrong.here("must be an object")
    loads = {str(name): members[name].load if name in members else unknown for name in value}
    loaded = each((name, value[name], load) for name, load in loads.items())
    return {name: each for name, each in zip(loads, loaded, strict=True) if loads[name] is not ignored}
