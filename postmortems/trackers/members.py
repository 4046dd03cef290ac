"""Members of what trackers answer, each of the type it should have; what is not there is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from postmortems.trackers.wire import Failed

LONGEST_TITLE = 2000


def entries(found: Any, service: str) -> list[Mapping[str, Any]]:
    """A list of objects."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Failed(f"{service} answered with no list of issues")
    return found


def entry(found: Any, service: str) -> Mapping[str, Any]:
    """One object."""
    if not isinstance(found, dict):
        raise Failed(f"{service} answered with no issue")
    return found


def inner(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object that is a member; an empty one where there is none."""
    member = found.get(name)
    return member if isinstance(member, dict) else {}


def text(found: Mapping[str, Any], name: str) -> str:
    """A member of text; "" where there is none."""
    member = found.get(name)
    return member if isinstance(member, str) else ""


def line(found: Mapping[str, Any], name: str, service: str) -> str:
    """A member of text on one line, which must be there."""
    said = " ".join("".join(c if c.isprintable() else " " for c in text(found, name)).split())
    if not said:
        raise Failed(f"{service} answered with an issue that has no {name}")
    return said[:LONGEST_TITLE]


def number(found: Mapping[str, Any], name: str, service: str) -> str:
    """A member that is a positive whole number, as text."""
    member = found.get(name)
    if isinstance(member, bool) or not isinstance(member, int) or not 0 < member < 2**63:
        raise Failed(f"{service} answered with an issue that has no {name}")
    return str(member)


def day(found: Mapping[str, Any], name: str) -> date | None:
    """A member that is a day, or an instant of which the day counts; None for anything else."""
    try:
        return date.fromisoformat(text(found, name)[:10])
    except ValueError:
        return None


def web(found: Mapping[str, Any], name: str) -> str:
    """A member that is an address of a page; "" for anything that is not http or https."""
    said = text(found, name)
    is_web = said.startswith(("https://", "http://")) and len(said) <= 2000 and said.isprintable()
    return said if is_web and " " not in said else ""
