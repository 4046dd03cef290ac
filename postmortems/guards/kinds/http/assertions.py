"""Assertions about HTTP headers and JSON, written one a line.

Content-Type: text/html              the header is there and contains the text
checks.database == "ok"              path, comparison, JSON value
nodes.0.load < 0.9
build.digest exists
build.version matches "^2\\."
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from postmortems.guards.probing import regex

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "contains": operator.contains,
    "matches": lambda found, pattern: isinstance(found, str) and regex.found(pattern, found),
}
LINE = re.compile(
    r"\s*(?P<path>\S+)\s+(?:(?P<exists>exists)|(?P<how>==|!=|<=|>=|<|>|contains|matches)\s+(?P<value>\S.*?))\s*"
)
HEADER = re.compile(r"\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(?P<text>\S.*?)\s*")

# What stands for content that was not read to its end, and for a place that is not there.
UNREAD = object()
ABSENT = object()


def read_header(line: str) -> tuple[str, str]:
    """The name, in lower case, and the text. Raises `ValueError`."""
    match = HEADER.fullmatch(line)
    if not match:
        raise ValueError("write Name: text, as in Content-Type: text/html")
    return match["name"].lower(), match["text"]


def read_json(line: str) -> tuple[str, str, Any]:
    """Path, comparison and value; the value of `exists` is None. Raises `ValueError`."""
    match = LINE.fullmatch(line)
    if not match:
        raise ValueError('write path, comparison and JSON value, as in status == "ok"')
    if match["exists"]:
        return match["path"], "exists", None
    try:
        value = json.loads(match["value"], parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError(f'{match["value"][:50]} is not JSON; text needs quotes, as in "ok"') from None
    if match["how"] == "matches":
        if not isinstance(value, str):
            raise ValueError('an expression is text, in quotes: version matches "^2"')
        regex.check(value)
    return match["path"], match["how"], value


def header_holds(line: str, headers: Mapping[str, str]) -> bool:
    name, text = read_header(line)
    return text in headers.get(name, "")


def parsed(text: str) -> object:
    """The JSON in `text`, or `ABSENT` where it is none."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return ABSENT


def json_holds(line: str, content: object) -> bool | None:
    """Whether the line is true of parsed JSON; None where that was not read to its end."""
    if content is UNREAD:
        return None
    path, how, value = read_json(line)
    found = at_path(content, path)
    if found is ABSENT:
        return False
    if how == "exists":
        return True
    # JSON's true is not its 1, though Python's is.
    if isinstance(found, bool) is not isinstance(value, bool) and how != "contains":
        return how == "!="
    try:
        return bool(COMPARISONS[how](found, value))
    except TypeError:
        return False


def at_path(content: object, path: str) -> object:
    """What stands at `a.b.0`, with or without a leading `$.`; `ABSENT` if nothing does."""
    for step in [part for part in path.removeprefix("$").split(".") if part]:
        if isinstance(content, dict) and step in content:
            content = content[step]
        elif isinstance(content, list) and step.isdecimal() and int(step) < len(content):
            content = content[int(step)]
        else:
            return ABSENT
    return content


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
