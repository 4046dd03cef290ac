"""Slices of the sums: process fixes by severity, service and team, for reports that are narrowed. Pure.

A sum of a slice is named after the sum over all: `age.SEV1` of the name `data8` is `age` of the incidents of
that severity that hit that service, `age.` of all severities. Its part is the part there, with the name
behind it where there was one: `2026-03-01/enforced`. A tally keeps what is sliced once, beside its slices.

What is counted `alone` has a sum for each service and none by severity.

`age@SEV1` of the name `3` is of the items of the team with this id. Of a team and a service at once, what
`WITH_SERVICE` names is kept: `opened@` of the name `3/data8`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

Key = tuple[str, str, str]

# As filters have them, of incidents that state no severity or name no service.
NONE_STATED = "-"
# Letters of a day and a month as ISO text: where these are cut off, the name is left.
DAY, MONTH = len("2026-03-01"), len("2026-03")
# What reports of a team and a service ask of all items: of the open ones alone they read the items.
WITH_SERVICE = frozenset({"opened", "closed", "done_in", "done_on", "protected_on"})


@dataclass(frozen=True, slots=True)
class Slice:
    """Whose process fixes are asked for, as filters have it; an empty field means all.

    Of a team and a service there are sums of `WITH_SERVICE` alone.
    """

    severity: str = ""
    service: str = ""
    team: int | None = None

    @property
    def is_all(self) -> bool:
        return not (self.severity or self.service) and self.team is None

    @property
    def names(self) -> list[str]:
        """The names of its sums."""
        if self.team is None:
            return asked(self.service)
        return (
            [with_service(self.team, name) for name in asked(self.service)]
            if self.service
            else [str(self.team)]
        )

    def named(self, what: str) -> str:
        """What its sum is called."""
        return named(what, self.severity) if self.team is None else of_team(what, self.severity)


def services(affected: Iterable[tuple[str, str]]) -> list[str]:
    """The names of an incident's slices: `data8`, with `data8/prod`, or with `data8/` where it hit all of it.

    So each incident is in one slice at most of those that a filter `data8/prod` means.
    """
    pairs = set(affected)
    whole = {service for service, target in pairs if not target}
    names = {service for service, _ in pairs} | {f"{service}/" for service in whole}
    names |= {f"{service}/{target}" for service, target in pairs if service not in whole}
    # A filter takes this name for none.
    names.discard(NONE_STATED)
    return sorted(names) if pairs else [NONE_STATED]


def places(affected: Collection[tuple[str, str]], teams: Iterable[int]) -> list[str]:
    """The lists that an incident is in: `/data8` as its services' slices, and `3` as its items' teams."""
    return [*(f"/{name}" for name in (services(affected) if affected else ())), *map(str, sorted(teams))]


def places_asked(service: str, team: int | None) -> list[str]:
    """The lists that a filter means, each incident in one at most; a team's where one is asked for."""
    return [str(team)] if team is not None else [f"/{name}" for name in asked(service)]


def asked(service: str) -> list[str]:
    """The names of the slices that a filter means; "" are those of all services."""
    base, _, target = service.partition("/")
    return [f"{base}/{target}", f"{base}/"] if target else [base]


def named(what: str, severity: str) -> str:
    """What a sum is called in the slices of a severity, "" for all."""
    return f"{what}.{severity}"


def of_team(what: str, severity: str) -> str:
    """The same in the slices of teams."""
    return f"{what}@{severity}"


def with_service(team: int | str, name: str) -> str:
    """The name of a sum of a team's items among those of a service's slice."""
    return f"{team}/{name}"


def kept(
    counts: Mapping[Key, int],
    whats: Collection[str],
    alone: Collection[str],
    severity: str,
    names: list[str],
    by_team: Mapping[int, Mapping[Key, int]],
) -> dict[str, Any]:
    """How a tally keeps what is sliced of these counts, and of those of each team's items among them.

    `whats` by severity and service, by team and by severity and team; `alone` by service alone.
    """
    parts = _listed(counts, whats)
    teams = {str(team): _listed(theirs, whats) for team, theirs in sorted(by_team.items())}
    teams = {team: theirs for team, theirs in teams.items() if theirs}
    if not parts:
        return {}
    told: dict[str, Any] = {"severity": severity or NONE_STATED, "services": names, "parts": parts}
    if services_alone := _listed(counts, alone):
        told["alone"] = services_alone
    return {**told, "teams": teams} if teams else told


def _listed(counts: Mapping[Key, int], whats: Collection[str]) -> list[list[Any]]:
    return [[*key, count] for key, count in sorted(counts.items()) if key[0] in whats]


def spread(kept: Mapping[str, Any]) -> Counter[Key]:
    """The sums that this adds to: by severity, services and both; by team, with them and without."""
    counts: Counter[Key] = Counter()
    if not kept:
        return counts
    for severity, service in product(("", kept["severity"]), ("", *kept["services"])):
        # Over all it is in the sums already.
        if severity or service:
            for what, name, part, count in kept["parts"]:
                counts[named(what, severity), service, joined(name, part)] += count
    for service, (what, name, part, count) in product(kept["services"], kept.get("alone", ())):
        counts[named(what, ""), service, joined(name, part)] += count
    for severity, (team, parts) in product(("", kept["severity"]), kept.get("teams", {}).items()):
        for what, name, part, count in parts:
            counts[of_team(what, severity), team, joined(name, part)] += count
            for service in kept["services"] if what in WITH_SERVICE else ():
                key = (of_team(what, severity), with_service(team, service), joined(name, part))
                counts[key] += count
    return counts


def joined(name: str, part: str) -> str:
    """Name and part of a sum over all as the part of a slice."""
    return f"{part}/{name}" if name else part


def parted(part: str) -> tuple[str, str]:
    """Name and part again."""
    day, _, name = part.partition("/")
    return name, day
