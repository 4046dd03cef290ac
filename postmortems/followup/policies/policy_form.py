"""The form of a due-date policy: what is posted as values, and values as the form shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems.errors import Invalid, Problem
from postmortems.followup.policies import operations
from postmortems.followup.policies.operations import PolicyValues

TEXTS = ("severity", "priority", "kind", "team", "counting", "begins", "zone", "calendar")
NUMBERS = ("assign_days", "complete_days", "lead_after", "admin_after")
LONGEST_NUMBER = 9
LISTS = ("warn_before", "warn_after")


def read(form: Mapping[str, str]) -> PolicyValues:
    """What the form says. Raises `Invalid` for what is no number of days."""
    problems: list[Problem] = []
    values: dict[str, Any] = {name: form.get(name, "").strip() for name in TEXTS}
    for name in NUMBERS:
        written = form.get(name, "").strip()
        values[name] = _number(written) if written else None
        if written and values[name] is None:
            problems.append(Problem(f"/{name}", "write a number of days such as 14, or leave it empty"))
    for name in LISTS:
        parts = [part.strip() for part in form.get(name, "").split(",") if part.strip()]
        days = [_number(part) for part in parts]
        if None in days:
            problems.append(Problem(f"/{name}", "write numbers of days by comma, such as 7, 1"))
        values[name] = tuple(day for day in days if day is not None)
    if problems:
        raise Invalid(problems)
    return PolicyValues(**values, warns_at="warns_at" in form)


def filled_in(values: PolicyValues) -> dict[str, Any]:
    """The values as the form's fields have them."""
    said = operations.said(values)
    written = {name: "" if value is None else value for name, value in said.items()}
    lists = {name: ", ".join(map(str, said[name])) for name in LISTS}
    return written | lists | ({"warns_at": "true"} if values.warns_at else {"warns_at": ""})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None
