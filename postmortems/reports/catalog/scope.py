"""What a report is about: the filters that every report honours, as its address states them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from postmortems.document.model import SEVERITIES
from postmortems.errors import Invalid, Problem
from postmortems.followup.filters import NO_SEVERITY

FILTERS = ("service", "team", "severity", "from", "to")
LONGEST = 401
EARLIEST, LATEST = date(1970, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Scope:
    """An empty field means all. `service` takes `data8`, `data8/prod`, or `-` for incidents that name none.

    `start` and `end` are days in UTC, both included.
    """

    service: str = ""
    team: str = ""
    severity: str = ""
    start: date | None = None
    end: date | None = None

    @property
    def is_narrowed(self) -> bool:
        """That it leaves out incidents by what they are, not by when they were."""
        return bool(self.service or self.team or self.severity)

    @property
    def is_of_some(self) -> bool:
        """That it is about a service or a team: what no sum is kept of beside the severity and day."""
        return bool(self.service or self.team)

    def stated(self) -> dict[str, str]:
        """The filters that are set, by their names in an address."""
        values = (self.service, self.team, self.severity, self.start, self.end)
        return {name: str(value) for name, value in zip(FILTERS, values, strict=True) if value}

    def query(self) -> str:
        """The filters as the query of an address: `service=data8&from=2018-01-01`."""
        return urlencode(self.stated(), safe=",/")


def read(said: Mapping[str, str]) -> Scope:
    """The scope that an address states. Raises `Invalid` at the name of each filter that is wrong."""
    texts = {name: said.get(name, "").strip() for name in FILTERS}
    wrong: list[Problem] = [
        Problem(f"/{name}", f"must not be longer than {LONGEST} characters")
        for name, text in texts.items()
        if len(text) > LONGEST
    ]
    if texts["severity"] and texts["severity"] not in (*SEVERITIES, NO_SEVERITY):
        wrong.append(
            Problem(
                "/severity", f"must be one of {', '.join(SEVERITIES)}, or {NO_SEVERITY} where none is stated"
            )
        )
    start, end = (_day(texts[name], name, wrong) for name in ("from", "to"))
    if start and end and end < start:
        wrong.append(Problem("/to", f"must not be before {start}, which is `from`"))
    if wrong:
        raise Invalid(wrong)
    return Scope(texts["service"], texts["team"], texts["severity"], start, end)


def _day(text: str, name: str, wrong: list[Problem]) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        wrong.append(Problem(f"/{name}", "is no date; write it as 2018-01-25"))
        return None
    if day and not EARLIEST <= day <= LATEST:
        wrong.append(Problem(f"/{name}", f"must lie between {EARLIEST} and {LATEST}"))
        return None
    return day
