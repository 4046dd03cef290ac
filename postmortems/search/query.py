"""Search queries: words, "phrases", -what must not be there, and operators such as `severity:SEV1`. Pure.

Reading one never raises: what is wrong with it stands in `problems`, what was taken otherwise than it may
have been meant in `notes`. Bounded: it is cut at `LONGEST` characters, and has at most `MOST_PARTS` parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from postmortems import search_words
from postmortems.search import tokens

LONGEST = 500
MOST_PARTS = 32
# What is looked at of a name in a message.
SHOWN = 40

STATUSES = ("draft", "published", "proposed", "open", "in_progress", "done", "wont_do")
STATES = ("open", "overdue", "draft", "restricted")
HAVING = ("guard",)
PART = re.compile(r'(-?)(?:([A-Za-z_]{2,20}):)?(?:"([^"]*)"|([^\s"]+))')
BARE = re.compile(r"([A-Za-z_]{2,20}):")
DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
SEVERITY = re.compile(r"(?:sev-?)?([1-4])", re.IGNORECASE)
RULE = (
    'words and their beginnings, "phrases", -without, and service: severity: owner: status: tag: kind: is: '
    "has: before: after:"
)


@dataclass(frozen=True, slots=True)
class Term:
    """Words that have to stand together, or must not be there at all.

    `tokens` are what the index is asked for, the last one as a beginning where `is_prefix`; `runs` are the
    words as they are marked.
    """

    tokens: tuple[str, ...]
    runs: tuple[str, ...]
    is_prefix: bool = False
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Facet:
    """A property that has to be there, or must not be: the tokens of which one stands for it.

    `owner` is the name that was asked for, where it is one of an owner: whom that means, the caller knows.
    """

    tokens: tuple[str, ...]
    is_wanted: bool = True
    owner: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all of it. Days are in UTC; `since` is included, `until` is not."""

    terms: tuple[Term, ...] = ()
    facets: tuple[Facet, ...] = ()
    since: date | None = None
    until: date | None = None
    # Whether an open item is past its due date; None asks for neither.
    overdue: bool | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    # Numbers of entries: no other is looked at.
    among: tuple[int, ...] | None = None

    @property
    def asks(self) -> bool:
        """Whether anything is left to look for."""
        return bool(self.terms or self.facets or self.since or self.until or self.overdue is not None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed that could be looked for or missed: blanks, a quote."""
        return not self.asks and not self.notes

    @property
    def wanted(self) -> tuple[Term, ...]:
        """The words that have to be there."""
        return tuple(term for term in self.terms if term.is_wanted)


@dataclass(slots=True)
class _Reading:
    """What was read of a query so far."""

    terms: list[Term] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    since: date | None = None
    until: date | None = None
    overdue: bool | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(text: str) -> Query:
    """The query as it is understood. Never raises."""
    reading = _Reading()
    if len(text) > LONGEST:
        reading.problems.append(f"has {len(text):,} characters; {LONGEST} are the most")
        text = text[:LONGEST]
    parts = list(PART.finditer(text.translate(search_words.QUOTES)))
    if len(parts) > MOST_PARTS:
        reading.problems.append(f"has {len(parts)} words, phrases and operators; {MOST_PARTS} are the most")
    for part in parts[:MOST_PARTS]:
        _read_part(reading, part)
    return Query(
        terms=tuple(dict.fromkeys(reading.terms)),
        facets=tuple(dict.fromkeys(reading.facets)),
        since=reading.since,
        until=reading.until,
        overdue=reading.overdue,
        problems=tuple(reading.problems),
        notes=tuple(dict.fromkeys(reading.notes)),
    )


def _read_part(reading: _Reading, part: re.Match[str]) -> None:
    minus, name, phrase, word = part.groups()
    is_wanted = not minus
    bare = BARE.fullmatch(word or "") if name is None else None
    if bare and bare[1].lower() in OPERATORS:
        reading.problems.append(f"{bare[1].lower()}: needs a value, as in {EXAMPLES[bare[1].lower()]}")
    elif name and name.lower() in OPERATORS:
        value = (phrase if phrase is not None else word).strip()
        if not value.strip('"'):
            reading.problems.append(f"{name.lower()}: needs a value, as in {EXAMPLES[name.lower()]}")
        elif said := OPERATORS[name.lower()](reading, value, is_wanted):
            reading.problems.append(f"{name.lower()}:{value[:SHOWN]} {said}")
    else:
        _read_words(reading, name, phrase, word, is_wanted)


def _read_words(
    reading: _Reading, name: str | None, phrase: str | None, word: str | None, is_wanted: bool
) -> None:
    if name and (phrase is not None or (word or "")[:1].isalnum()):
        reading.notes.append(
            f"{name[:SHOWN]}: is no operator and was looked for as a word; there are {NAMED}"
        )
    if phrase is None:
        written = f"{name}:{word}" if name else word or ""
        _add_term(reading, written, is_wanted, is_prefix=True)
        return
    if name:
        _add_term(reading, name, is_wanted, is_prefix=True)
    _add_term(reading, phrase, is_wanted, is_prefix=False)


def _add_term(reading: _Reading, written: str, is_wanted: bool, *, is_prefix: bool) -> None:
    runs = tokens.runs(written)
    if not runs:
        if written.strip(' "-'):
            reading.notes.append(f"{written[:SHOWN]!r} has no letter or digit to look for")
        return
    found = [token for run in runs for token in _asked(run)]
    last = found[-1]
    # A sign of a script without blanks is found where it begins a pair; one letter alone is a word.
    begins = len(last) == 1 if tokens.IS_UNPARTED.match(last) else is_prefix and len(last) > 1
    reading.terms.append(Term(tuple(found), tuple(runs), begins, is_wanted))


def _asked(run: str) -> list[str]:
    found = tokens.of_run(run)
    return found[:-1] if len(found) > 1 else found


def _is_among(name: str, known: tuple[str, ...]) -> Callable[[_Reading, str, bool], str]:
    def read_one(reading: _Reading, value: str, is_wanted: bool) -> str:
        if value.lower() not in known:
            return f"is none of {', '.join(known)}"
        reading.facets.append(Facet((tokens.facet(name, value),), is_wanted))
        return ""

    return read_one


def _kind(reading: _Reading, value: str, is_wanted: bool) -> str:
    reading.facets.append(Facet((tokens.facet("kind", value),), is_wanted))
    return ""


def _tag(reading: _Reading, value: str, is_wanted: bool) -> str:
    reading.facets.append(Facet((tokens.facet("tag", value.removeprefix("#")),), is_wanted))
    return ""


def of_service(value: str, *, is_wanted: bool = True) -> Facet:
    """That it hit the service `data8`, or the target `data8/prod`."""
    service, _, target = value.partition("/")
    # What hit all of a service hit each target of it.
    either = (f"{service}/{target}", f"{service}/") if target else (service,)
    return Facet(tuple(tokens.facet("service", name) for name in either), is_wanted)


def _service(reading: _Reading, value: str, is_wanted: bool) -> str:
    reading.facets.append(of_service(value, is_wanted=is_wanted))
    return ""


def _owner(reading: _Reading, value: str, is_wanted: bool) -> str:
    reading.facets.append(Facet((tokens.facet("owner", search_words.person(value)),), is_wanted, value))
    return ""


def _severity(reading: _Reading, value: str, is_wanted: bool) -> str:
    if not (level := SEVERITY.fullmatch(value)):
        return "is none of SEV1, SEV2, SEV3, SEV4"
    reading.facets.append(Facet((tokens.facet("severity", f"sev{level[1]}"),), is_wanted))
    return ""


def _state(reading: _Reading, value: str, is_wanted: bool) -> str:
    if value.lower() == "overdue":
        reading.overdue = is_wanted
        return ""
    return _is_among("is", STATES)(reading, value, is_wanted)


def _before(reading: _Reading, value: str, is_wanted: bool) -> str:
    if (day := _day(value)) is None:
        return "is no day; write 2018-01-25, 2018-01 or 2018"
    if is_wanted:
        reading.until = min(day, reading.until or day)
    else:
        reading.since = max(day, reading.since or day)
    return ""


def _after(reading: _Reading, value: str, is_wanted: bool) -> str:
    return _before(reading, value, not is_wanted)


def _day(value: str) -> date | None:
    """The first day of what is named."""
    if not (parts := DAY.fullmatch(value)) or not value.isascii():
        return None
    try:
        return date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        return None


OPERATORS: dict[str, Callable[[_Reading, str, bool], str]] = {
    "service": _service,
    "severity": _severity,
    "owner": _owner,
    "status": _is_among("status", STATUSES),
    "tag": _tag,
    "kind": _kind,
    "is": _state,
    "has": _is_among("has", HAVING),
    "before": _before,
    "after": _after,
}
EXAMPLES = {
    "service": "service:data8/prod",
    "severity": "severity:SEV1",
    "owner": "owner:ada",
    "status": "status:open",
    "tag": "tag:dns",
    "kind": "kind:item",
    "is": "is:open",
    "has": "has:guard",
    "before": "before:2018-01-25",
    "after": "after:2018",
}
NAMED = " ".join(f"{name}:" for name in OPERATORS)
