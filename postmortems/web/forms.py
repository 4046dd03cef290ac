"""Posted forms as nested values, and messages at their fields.

A name is a path: `sections.0.blocks.2.text`. Numbers make lists, in the order in which they first come: so a
script moves a row without naming any other anew. A name that ends in `[]` may come several times and makes a
list of texts. So one shape serves both doors.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from postmortems import zone_tables
from postmortems.errors import Invalid, Problem, Refusal

# Messages by the name of the field; "" holds those about the whole.
Errors = dict[str, list[str]]
MAX_DEPTH = 8
MAX_DIGITS = 5
LONGEST_NUMBER = 9


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Names and texts as dicts and lists, with `\\n` line ends (browsers send `\\r\\n`).

    Raises `Invalid` where a name is too deep, or is a value in one place and a branch in another.
    """
    root: dict[str, Any] = {}
    # By what stands before the last step: a row has a dozen fields.
    branches: dict[str, dict[str, Any]] = {}
    for name, text in pairs:
        stem, _, step = name.rpartition(".")
        branch = branches.get(stem)
        if branch is None:
            branch = branches[stem] = _branch(root, stem.split(".") if stem else [], name)
        value = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        if step[-2:] == "[]":
            _several(branch, _checked(step[:-2], name), name).append(value)
        elif step not in branch:
            branch[_checked(step, name)] = value
        elif not isinstance(branch[step], str):
            raise _clash(name)
    return {step: _closed_up(value) for step, value in root.items()}


def _branch(root: dict[str, Any], steps: list[str], name: str) -> dict[str, Any]:
    if len(steps) >= MAX_DEPTH:
        raise _strange(name)
    branch = root
    for step in steps:
        branch = branch.setdefault(_checked(step, name), {})
        if not isinstance(branch, dict):
            raise _clash(name)
    return branch


def _checked(step: str, name: str) -> str:
    if len(step) > MAX_DIGITS and step.isdecimal():
        raise _strange(name)
    return step


def _several(branch: dict[str, Any], step: str, name: str) -> list[str]:
    values = branch.setdefault(step, [])
    if not isinstance(values, list):
        raise _clash(name)
    return values


def _strange(name: str) -> Invalid:
    return Invalid(f"the form has a field {name[:80]!r}, which belongs to no page", "")


def _clash(name: str) -> Invalid:
    return Invalid(f"the form's field {name[:80]!r} is both a value and a branch", "")


def _closed_up(value: Any) -> Any:
    """Dicts whose every key is a number become lists; browsers send fields in the order of the page."""
    if not isinstance(value, dict):
        return value
    for step, inner in value.items():
        if isinstance(inner, dict):
            value[step] = _closed_up(inner)
    return list(value.values()) if value and all(map(str.isdecimal, value)) else value


def instant(text: str, zone: str, field: str) -> str:
    """What a form's clock shows in the zone beside it, as an instant; of an hour that comes twice, the first.

    Raises `Invalid` at `field` or `zone`.
    """
    known = zone_tables.named(zone or "UTC")
    if known is None:
        raise Invalid("is no zone of the tz database; write one such as America/Los_Angeles", "/zone")
    try:
        local = datetime.fromisoformat(text)
        if local.tzinfo is not None:
            return text
        there = local.replace(tzinfo=known)
        is_there = there.astimezone(UTC).astimezone(known).replace(tzinfo=None) == local
    except (ValueError, OverflowError):
        raise Invalid("is no time; write it as 2018-01-25T15:30", f"/{field}") from None
    if not is_there:
        raise Invalid(f"there is no such time in {zone}: the clocks go forward over it", f"/{field}")
    return there.isoformat()


def whole_number(text: str) -> int | None:
    """The number that a form or an address says, in nine digits at most; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def errors(refused: Refusal, at: str = "") -> Errors:
    """What a refusal says of each field; one that points nowhere is said at the field `at`."""
    return flatten(refused.problems) if isinstance(refused, Invalid) else {at: [refused.detail]}


def flatten(problems: Iterable[Problem]) -> Errors:
    """Messages by the name of the field that each pointer points to."""
    messages: Errors = {}
    for problem in problems:
        messages.setdefault(field_name(problem.pointer), []).append(problem.detail)
    return messages


def field_name(pointer: str) -> str:
    """`/sections/2/blocks/0/due` as `sections.2.blocks.0.due`."""
    steps = pointer.removeprefix("/").split("/") if pointer else []
    return ".".join(step.replace("~1", "/").replace("~0", "~") for step in steps)
