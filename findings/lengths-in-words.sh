#!/usr/bin/env bash
# Guess: how long an outage took, as people write it, is read as meant or refused: "1h30" is an hour and a half, "PT1H30M" too where it
# is taken, "-15m" is not the same as "15m", "1:30" of an outage is an hour and a half, "1M" no minute, and a year has 365 days.
# Seen: timelength 3.0.4 says of "1h30" that it is an hour, and of "PT1H30M" two years and a half, as M is a month to it; "-15m" is 15
# minutes; each with success. pytimeparse2 1.7.1 and humanfriendly 10.0 take "1M" for a minute, and a year of humanfriendly has 364
# days. "1:30" is a minute and a half for timelength and pytimeparse2. None of them has more than a number to tell that by.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'timelength==3.0.4' 'pytimeparse2==1.7.1' 'humanfriendly==10.0'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import humanfriendly
import pytimeparse2
from timelength import TimeLength


def by_timelength(words: str) -> float | None:
    result = TimeLength(words).result
    return result.seconds if result.success else None


def by_humanfriendly(words: str) -> float | None:
    try:
        return humanfriendly.parse_timespan(words)
    except humanfriendly.InvalidTimespan:
        return None


READERS = {"timelength": by_timelength, "pytimeparse2": pytimeparse2.parse, "humanfriendly": by_humanfriendly}
# The words, the seconds that are meant, and what is seen of each reader; None is refused.
LENGTHS = {
    "1h30": (5400, (3600, None, None)),
    "PT1H30M": (5400, (79059600, None, None)),
    "-15m": (-900, (900, -900, None)),
    "1:30": (5400, (90, 90, None)),
    "1M": (None, (2635200, 60, 60)),
    "1y": (31536000, (31536000, 31536000, 31449600)),
}
print("in seconds; guess: what is meant, or refused (None)")
for words, (meant, expected) in LENGTHS.items():
    seen = {f"{name} {version(name)}": read(words) for name, read in READERS.items()}
    print(f"{words}, which is {meant}: {seen}")
    assert tuple(seen.values()) == expected, "it has changed"
PYTHON
