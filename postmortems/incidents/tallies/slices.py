"""Slices of the sums: process fixes by severity, by service and by both, for reports that are narrowed. Pure.

A sum of a slice is named after the sum over all: `age.SEV1` of the name `data8` is `age` of the incidents of
that severity that hit that service, `age.` of all severities. Its part is the part there, with the name
behind it where there was one: `2026-03-01/enforced`. A tally keeps what is sliced once, beside its slices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any

Key = tuple[str, str, str]

# As filters have them, of incidents that state no severity or name no service.
NONE_STATED = "-"
# Letters of a day as ISO text: where these are cut off, the name is left.
DAY = len("2026-03-01")


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


def asked(service: str) -> list[str]:
    """The names of the slices that a filter means; "" are those of all services."""
    base, _, target = service.partition("/")
    return [f"{base}/{target}", f"{base}/"] if target else [base]


def named(what: str, severity: str) -> str:
    """What a sum is called in the slices of a severity, "" for all."""
    return f"{what}.{severity}"


def kept(
    counts: Mapping[Key, int], whats: Collection[str], severity: str, names: list[str]
) -> dict[str, Any]:
    """How a tally keeps what is sliced of these counts."""
    parts = [[*key, count] for key, count in sorted(counts.items()) if key[0] in whats]
    return {"severity": severity or NONE_STATED, "services": names, "parts": parts} if parts else {}


def spread(kept: Mapping[str, Any]) -> Counter[Key]:
    """The sums that this adds to: by its severity, by its services, and by both."""
    counts: Counter[Key] = Counter()
    if not kept:
        return counts
    for severity, service in product(("", kept["severity"]), ("", *kept["services"])):
        # Over all it is in the sums already.
        if severity or service:
            for what, name, part, count in kept["parts"]:
                counts[named(what, severity), service, joined(name, part)] += count
    return counts


def joined(name: str, part: str) -> str:
    """Name and part of a sum over all as the part of a slice."""
    return f"{part}/{name}" if name else part


def parted(part: str) -> tuple[str, str]:
    """Name and part again."""
    day, _, name = part.partition("/")
    return name, day
