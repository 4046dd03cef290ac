"""Filters of the list of action items, as its filter bar and its URL state them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import urlencode

# As `service`: the incident names none.
NO_SERVICE = "-"
# As `severity`, likewise, and as `priority` of the item.
NO_SEVERITY = "-"
NO_PRIORITY = "-"
# As `ticket`: the item has some, and it has none.
ANY_TICKET, NO_TICKET = "any", "-"
# Those that take several by comma, and what of their values is said otherwise.
SEVERAL = ("status", "kind", "priority", "protection", "severity", "tag", "ticket")
IN_WORDS = {"in_progress": "in progress", "in_time": "in time", "wont_do": "won't do", "-": "none"}
# What is true or not, in words.
FLAGS = {"unowned": "without owner", "unproven": "done, not proven", "reopened": "re-opened"}
FLAGS |= {"undated": "without a due date"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list, and in which order; an empty field means any.

    `status`, `kind`, `priority`, `protection`, `severity` and `tag` (of the incident) take several by comma:
    `open,in_progress`. `service` takes `data8`, `data8/prod`, or `-` for incidents that name none, and `team`
    a team by any of its names. Dates are days in UTC; `…_from` is included, `…_before` is not. Opened at
    least `age` days ago. `done` is how it was done, `in_time` or `late`. `ticket` is how one of its tickets
    stands, `any`, or `-` for none. `undated` has no due date; `overdue`, `unowned`, `unproven` and `reopened`
    are defined in `followup/rules.py`, `sort` in `followup/sorts.py`.
    """

    status: str = ""
    kind: str = ""
    owner: str = ""
    service: str = ""
    incident: str = ""
    due_from: date | None = None
    due_before: date | None = None
    opened_from: date | None = None
    opened_before: date | None = None
    closed_from: date | None = None
    closed_before: date | None = None
    protection: str = ""
    priority: str = ""
    severity: str = ""
    team: str = ""
    tag: str = ""
    age: int | None = None
    overdue: bool = False
    unowned: bool = False
    unproven: bool = False
    reopened: bool = False
    undated: bool = False
    done: str = ""
    ticket: str = ""
    q: str = ""
    sort: str = ""

    def set(self) -> list[str]:
        """The names of what is set."""
        return [field.name for field in fields(self) if getattr(self, field.name) not in (None, "", False)]

    def query(self) -> str:
        """The filters as the query of an address, without what is not set: `status=done&unowned=1`."""
        return urlencode([(name, _written(getattr(self, name))) for name in self.set()], safe=",/")

    def said(self) -> str:
        """The filters in words, as a person reads them: `status: open; overdue; by age, turned round`."""
        parts = [_said(name, getattr(self, name)) for name in self.set() if name != "sort"]
        if self.sort:
            parts.append(f"by {self.sort.removeprefix('-')}{', turned round' if self.sort[0] == '-' else ''}")
        return "; ".join(parts or ["all items"])


def _written(value: object) -> str:
    return "1" if value is True else str(value)


def _said(name: str, value: object) -> str:
    if value is True:
        return FLAGS.get(name, name)
    if name == "q":
        return f"words: {value}"
    several = str(value).split(",") if name in SEVERAL else [str(value)]
    return f"{name.replace('_', ' ')}: {', '.join(IN_WORDS.get(one, one) for one in several)}"


def words(several: str) -> list[str]:
    """The values of a filter that takes several by comma, each once."""
    return list(dict.fromkeys(one.strip() for one in several.split(","))) if several else []


def stated(several: str, none: str) -> list[str]:
    """The same as rows have them: "" for the word that stands for none."""
    return ["" if one == none else one for one in words(several)]
