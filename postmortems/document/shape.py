"""A Document as plain JSON and back: the shape that API and form share.

What can be worked out (roles, instants, warnings) is given and, when it comes back, ignored. Everything else is
checked, and all that is wrong is told at once, each with a JSON pointer to its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date as Date
from functools import partial
from typing import Any

from postmortems.document import front, model, roles
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.moments import Reading
from postmortems.document.text import lines_of, one_line, tidy
from postmortems.errors import Invalid, Problem

Json = dict[str, Any]
Load = Callable[[Any], Any]

LONGEST_TITLE, LONGEST_LINE, LONGEST_TEXT = 500, 2_000, 200_000
MOST_BLOCKS, MOST_SECTIONS, MOST_LISTED = 2_000, 500, 200
WORKED_OUT = ("at", "until", "precision", "approximate", "zone", "warnings")


class _Wrong(Exception):
    """A value that cannot be taken, and where below the value that was being read."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(problems)
        self.problems = problems

    @classmethod
    def here(cls, detail: str) -> _Wrong:
        return cls(Problem("", detail))


def to_json(document: Document, readings: Sequence[Reading] | None = None) -> Json:
    """The document; with `readings`, one per entry in order, what its times were read as."""
    given = iter(readings) if readings is not None else None
    return {
        "title": document.title,
        "date": document.date.isoformat() if document.date else None,
        "timezone": document.timezone,
        "severity": document.severity,
        "status": document.status,
        "services": list(document.services),
        "tags": list(document.tags),
        "extra": [list(pair) for pair in document.extra],
        "heading": document.heading,
        "sections": [
            {
                "heading": section.heading,
                "role": roles.role(section),
                "blocks": [_block_json(block, given) for block in section.blocks],
            }
            for section in document.sections
        ],
    }


def _block_json(block: model.Block, readings: Any) -> Json:
    if isinstance(block, Prose):
        return {"type": "prose", "text": block.text}
    if isinstance(block, Category):
        return {"type": "category", "heading": block.heading}
    if isinstance(block, Item):
        said = {name: getattr(block, name) for name in ITEM}
        said |= {name: list(value) for name, value in said.items() if isinstance(value, tuple)}
        return {"type": "item"} | said | {"due": block.due.isoformat() if block.due else None}
    said = {name: getattr(block, name) for name in ENTRY}
    return {"type": "entry"} | said | (_reading_json(next(readings)) if readings is not None else {})


def _reading_json(reading: Reading) -> Json:
    is_day = reading.precision == "day"
    at = reading.at.date() if reading.at and is_day else reading.at
    return {
        "at": at.isoformat() if at else None,
        "until": reading.until.isoformat() if reading.until else None,
        "precision": reading.precision,
        "approximate": reading.approximate,
        "zone": reading.zone,
        "warnings": list(reading.warnings),
    }


def from_json(value: Any) -> Document:
    """The document that a JSON value describes. Raises `Invalid` with every problem there is."""
    try:
        fields = _fields(value, DOCUMENT)
        sections = fields.get("sections", ())
        if sum(len(section.blocks) for section in sections) > MOST_BLOCKS:
            raise _Wrong(Problem("/sections", f"more than {MOST_BLOCKS:,} blocks"))
    except _Wrong as wrong:
        raise Invalid(wrong.problems) from None
    return Document(**fields)


def _text(value: Any, *, most: int = LONGEST_TEXT) -> str:
    text = _checked(value, most)
    return tidy(text)


def _line(value: Any, *, most: int = LONGEST_LINE) -> str:
    return one_line(" ".join(lines_of(_checked(value, most))))


def _checked(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise _Wrong.here("must be text")
    if len(value) > most:
        raise _Wrong.here(f"longer than {most:,} characters")
    if "\0" in value:
        raise _Wrong.here("must not contain a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise _Wrong.here("contains half of a surrogate pair, which is no character")
    return value


def _raw(value: Any) -> str:
    """YAML keeps the line end it begins with: a list stands below its key."""
    return "\n".join(lines_of(_checked(value, LONGEST_TEXT))).rstrip(" \t\n")


def _name(value: Any) -> str:
    """One of a list: it has to say something."""
    name = _line(value)
    if not name:
        raise _Wrong.here("must not be empty")
    return name


def _date(value: Any) -> Date | None:
    if value in (None, ""):
        return None
    try:
        if isinstance(value, str) and len(value) == 10:
            return Date.fromisoformat(value)
    except ValueError:
        pass
    raise _Wrong.here("must be a date such as 2018-01-25, or null")


def _choice(value: Any, *, values: Sequence[str]) -> str:
    text = _line(value)
    if text and text not in values:
        raise _Wrong.here(f"must be empty or one of {', '.join(values)}")
    return text


def _identifier(value: Any) -> str:
    text = _line(value)
    if text and not (text.startswith("AI-") and text[3:].isascii() and text[3:].isdigit() and text[3] != "0"):
        raise _Wrong.here("must be empty or look like AI-2; the service gives the numbers")
    return text


def _list(value: Any, *, load: Load, most: int = MOST_LISTED) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _Wrong.here("must be a list")
    if len(value) > most:
        raise _Wrong.here(f"more than {most:,} of them")
    return tuple(_each(((str(at), item, load) for at, item in enumerate(value))))


def _each(loads: Iterable[tuple[str, Any, Load]]) -> list[Any]:
    """Load every value; the problems of all of them together, each under its own name."""
    loaded, problems = [], []
    for name, value, load in loads:
        try:
            loaded.append(load(value))
        except _Wrong as wrong:
            token = name.replace("~", "~0").replace("/", "~1")
            problems += [Problem(f"/{token}{each.pointer}", each.detail) for each in wrong.problems]
    if problems:
        raise _Wrong(*problems)
    return loaded


def _unknown(value: Any) -> None:
    raise _Wrong.here("is not a field of this")


def _ignored(value: Any) -> None:
    """What we work out ourselves may come back, and says nothing."""


def _fields(value: Any, loads: dict[str, Load]) -> Json:
    if not isinstance(value, dict):
        raise _Wrong.here("must be an object")
    names = [str(name) for name in value]
    loaded = _each((name, value[name], loads.get(name, _unknown)) for name in names)
    return {name: each for name, each in zip(names, loaded, strict=True) if loads[name] is not _ignored}


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise _Wrong.here("must be a list of a key and its YAML")
    key, raw = _each([("0", value[0], _line), ("1", value[1], _raw)])
    if not front.is_kept(key, raw):
        raise _Wrong.here("is not a key of front matter with its value")
    return key, raw


def _block(value: Any) -> model.Block:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in BLOCKS:
        raise _Wrong(Problem("/type", f"must be one of {', '.join(BLOCKS)}"))
    make, loads, needed = BLOCKS[kind]
    fields = _fields(value, loads | {"type": _ignored})
    if needed not in fields:
        raise _Wrong(Problem(f"/{needed}", "is missing"))
    block: model.Block = make(**fields)
    return block


def _section(value: Any) -> Section:
    fields = _fields(value, SECTION)
    return Section(fields.get("heading", ""), fields.get("blocks", ()))


ENTRY: dict[str, Load] = {
    "written": _line,
    "title": _line,
    "text": _text,
    "kind": partial(_choice, values=model.ENTRY_KINDS),
}
ITEM: dict[str, Load] = {
    "text": _text,
    "id": _identifier,
    "kind": partial(_choice, values=model.ITEM_KINDS),
    "owner": _line,
    "team": _line,
    "due": _date,
    "priority": partial(_choice, values=model.PRIORITIES),
    "status": partial(_choice, values=model.ITEM_STATUSES),
    "reason": _line,
    "done_when": _line,
    "guardability": partial(_choice, values=model.GUARDABILITIES),
    "outcome": _line,
    "tickets": partial(_list, load=_name),
    "guards": partial(_list, load=_name),
}
BLOCKS: dict[str, tuple[Callable[..., model.Block], dict[str, Load], str]] = {
    "prose": (Prose, {"text": _text}, "text"),
    "entry": (Entry, ENTRY | dict.fromkeys(WORKED_OUT, _ignored), "written"),
    "category": (Category, {"heading": _name}, "heading"),
    "item": (Item, ITEM, "text"),
}
SECTION: dict[str, Load] = {
    "heading": _line,
    "role": _ignored,
    "blocks": partial(_list, load=_block, most=MOST_BLOCKS),
}
DOCUMENT: dict[str, Load] = {
    "title": partial(_line, most=LONGEST_TITLE),
    "date": _date,
    "timezone": _line,
    "severity": partial(_choice, values=model.SEVERITIES),
    "status": partial(_choice, values=model.DOCUMENT_STATUSES),
    "services": partial(_list, load=_name),
    "tags": partial(_list, load=_name),
    "extra": partial(_list, load=_pair),
    "heading": _line,
    "sections": partial(_list, load=_section, most=MOST_SECTIONS),
}
