"""JSON of other tools: loaded with a clear refusal, and taken apart without trust in its shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from postmortems.document.text import one_line
from postmortems.errors import Invalid

Raw = dict[str, Any]
CUT_OFF = "it breaks off here"


def loaded(text: str) -> Any:
    """The value of a JSON text; of one JSON object a line (NDJSON), the list of them.

    Raises `Invalid` with the line where it is neither.
    """
    try:
        return json.loads(text, parse_constant=str)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if (
            len(lines) > 1
            and all(line.lstrip().startswith("{") for line in lines)
            and error.msg == "Extra data"
        ):
            return list(_lines(text))
        raise Invalid(f"{error.lineno}: this is no whole JSON: {_reason(error, text)}") from error
    except (RecursionError, ValueError) as error:
        raise Invalid("1: this JSON is nested too deep, or holds a number without end") from error


def _lines(text: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line, parse_constant=str)
            except (ValueError, RecursionError) as error:
                raise Invalid(f"{number}: this line is no whole JSON object") from error


def _reason(error: json.JSONDecodeError, text: str) -> str:
    is_cut_off = not text[error.pos :].strip() or error.msg.startswith("Unterminated")
    return f"{CUT_OFF}; download it again" if is_cut_off else error.msg


def at(raw: object, *path: str) -> object:
    """What stands at a path of keys, or None where anything on the way is not there."""
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def text(raw: object, *path: str) -> str:
    """The text at a path; a number as its digits, "" for anything else. Line ends are `\\n`."""
    found = at(raw, *path)
    if isinstance(found, str):
        return found.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def line(raw: object, *path: str) -> str:
    """The text at a path on one line."""
    return one_line(text(raw, *path))


def dicts(raw: object, *path: str) -> list[Raw]:
    """The objects of a list at a path; GraphQL keeps them in `nodes`."""
    found = at(raw, *path)
    if isinstance(found, dict) and isinstance(found.get("nodes"), list):
        found = found["nodes"]
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def names(raw: object, *path: str, key: str = "name") -> list[str]:
    """The names in a list at a path, which are texts or stand in objects under `key`; each once."""
    found = at(raw, *path)
    if isinstance(found, dict) and isinstance(found.get("nodes"), list):
        found = found["nodes"]
    told = (
        [one_line(each) if isinstance(each, str) else line(each, key) for each in found or []]
        if isinstance(found, list)
        else []
    )
    return list(dict.fromkeys(name for name in told if name))


def first(raw: object, *keys: str) -> str:
    """The first of these keys that holds a text, on one line."""
    return next(filter(None, (line(raw, key) for key in keys)), "")
