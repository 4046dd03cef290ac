"""Reads JSON from other systems, member by member: what has the wrong type is named. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# How GitHub sends webhooks unless it is told otherwise.
AS_JSON = ": choose application/json as the webhook's content type"

Payload = Mapping[str, Any]


class Unreadable(Exception):
    """The payload is not what that system sends; the text names the member."""


def parsed(body: bytes, named: str) -> Payload:
    """A JSON object. Raises `Unreadable`, as all here do."""
    found = _json(body, named)
    if not isinstance(found, dict):
        raise Unreadable(f"{named} is no JSON object")
    return found


def parsed_list(body: bytes, named: str) -> list[Payload]:
    """A JSON array of objects."""
    found = _json(body, named)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(f"{named} is no JSON array of objects")
    return found


def _json(body: bytes, named: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        is_form = body.startswith(b"payload=")
        raise Unreadable(f"{named} is {'a form and ' if is_form else ''}no JSON{AS_JSON * is_form}") from None


def inner(payload: Payload, name: str) -> Payload:
    """The object that is a member."""
    found = payload.get(name)
    if not isinstance(found, dict):
        raise Unreadable(f"{name} is missing")
    return found


def text(payload: Payload, name: str, longest: int) -> str:
    """A member of printable text."""
    found = payload.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= longest or not found.isprintable():
        raise Unreadable(f"{name} is missing, or no text of at most {longest} characters")
    return found


def matching(payload: Payload, name: str, pattern: re.Pattern[str]) -> str:
    """A member of text that is written in one way only."""
    found = payload.get(name)
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise Unreadable(f"{name} is missing, or not written as it should be")
    return found


def number(payload: Payload, name: str) -> str:
    """A member that is a positive whole number, as text: its size is the other system's."""
    found = payload.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < 2**63:
        raise Unreadable(f"{name} is missing, or no number")
    return str(found)
