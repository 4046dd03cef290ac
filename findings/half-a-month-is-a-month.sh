#!/usr/bin/env bash
# Guess: the age of an open fix in words is "2 weeks" or "16 days" at 16 days, and a month from some four weeks on.
# Seen: humanize 4.17.0 says "a month" from 16 days on, arrow 1.4.0 from 15; of 16 days and of 31 both say the same. pendulum
# 3.3.0 says 2 weeks, and a month from 29 days on. Who is overdue by half a month and who by a whole one look alike.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'humanize==4.17.0' 'arrow==1.4.0' 'pendulum==3.3.0'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import timedelta
from importlib.metadata import version

import arrow
import humanize
import pendulum

now, today = arrow.get("2026-03-29T12:00:00Z"), pendulum.datetime(2026, 3, 29, 12)
AGES = {
    "humanize": lambda days: humanize.naturaltime(timedelta(days=days)),
    "arrow": lambda days: now.shift(days=-days).humanize(now),
    "pendulum": lambda days: today.subtract(days=days).diff_for_humans(today),
}
first = {}
for name, said in AGES.items():
    first[name] = next(days for days in range(7, 40) if "month" in said(days))
    print(f"{name} {version(name)}: 14 days: {said(14)}; 16: {said(16)}; 31: {said(31)}; a month from {first[name]} days on")
print("guess: a month from 28 to 31 days on")
assert (first["humanize"], first["arrow"]) == (16, 15) and first["pendulum"] == 29, "it has changed"
PYTHON
