#!/usr/bin/env bash
# Guess: times that a machine wrote by ISO 8601 are read as they are, or refused: in compact form (20260302T1545Z), with a
# comma before the fraction, as a week; and 1545Z, as watches hand over, is a quarter to four.
# Seen: dateparser 1.5.0 makes 2021 of the first, another week of the second, October of the third, and the year 1545 of the
# last. parsedatetime 2.6 takes the year for a time, 20:26, in two of them. python-dateutil 2.9.0.post0 reads the first two;
# but "15.30", as most of Europe writes half past three, is the 15th of the month to it, and to pendulum 3.3.0
# (`strict=False`). A timeline is told in other years, and nothing is refused.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'dateparser==1.5.0' 'python-dateutil==2.9.0.post0' \
    'parsedatetime==2.6' 'pendulum==3.3.0'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

import dateparser
import parsedatetime
import pendulum
from dateutil import parser

NOW = datetime(2026, 3, 2, 9, 0)


def by_parsedatetime(text):
    found, kind = parsedatetime.Calendar().parse(text, NOW)
    return datetime(*found[:6]) if kind else None


READERS = {
    "dateparser": lambda text: dateparser.parse(text, settings={"RELATIVE_BASE": NOW}),
    "python-dateutil": lambda text: parser.parse(text, default=NOW),
    "parsedatetime": by_parsedatetime,
    "pendulum": lambda text: pendulum.parse(text, strict=False),
}
TIMES = ["20260302T1545Z", "2026-03-02T15:45:00,5Z", "2026-W10-1", "1545Z", "15.30"]


def read(name, text):
    try:
        found = READERS[name](text)
    except ValueError:
        return "refused"
    # Those that know no day but today's have the day of the test in them, which is not the point.
    return "refused" if found is None else found.strftime("%Y-%m-%d %H:%M")


print("guess: 2026-03-02 15:45 twice, 2026-03-02, 15:45, 15:30")
seen = {name: [read(name, text) for text in TIMES] for name in READERS}
for name, found in seen.items():
    print(f"{name} {version(name)}: {', '.join(found)}")
right = "2026-03-02 15:45"
assert seen["dateparser"] == [
    "2021-12-08 09:00", "2026-02-25 09:00", "2026-10-01 00:00", "1545-03-02 00:00", "2026-03-02 15:30"
], "it has changed"  # fmt: skip
assert seen["python-dateutil"] == [right, right, "refused", "refused", "2026-03-15 09:00"], "it has changed"
assert [each[-5:] for each in seen["parsedatetime"]] == ["fused", "20:26", "20:26", "fused", "fused"], "it has changed"
assert seen["pendulum"][:2] == [right, right] and seen["pendulum"][4].endswith("-15 00:00"), "it has changed"
PYTHON
