#!/usr/bin/env bash
# Guess: libraries agree on which day is a number of business days after a Saturday.
# Seen, numpy 2.4 (`busday_offset` with `roll="forward"`), holidays 0.109 and workalendar 17: one business day after a
# Saturday is Tuesday for the first, which goes to Monday before it counts, and Monday for the others; none after it is
# Monday for the first two and the Saturday itself for the third. From Friday to Monday is 1 for numpy, and 2 for
# holidays, which counts both ends.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'holidays==0.109' 'workalendar==17.0.0' 'numpy==2.4.6'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import date
from importlib.metadata import version

import holidays
import numpy
from workalendar.europe import Germany

friday, saturday, monday = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)
seen = {}
for days in (0, 1):
    seen["numpy", days] = numpy.busday_offset(saturday, days, roll="forward").astype(object)
    seen["holidays", days] = holidays.country_holidays("DE").get_nth_working_day(saturday, days)
    seen["workalendar", days] = Germany().add_working_days(saturday, days)
spans = (
    int(numpy.busday_count(friday, monday)),
    holidays.country_holidays("DE").get_working_days_count(friday, monday),
)
for name in ("numpy", "holidays", "workalendar"):
    told = {days: f"{seen[name, days]:%A}" for days in (0, 1)}
    print(f"{name} {version(name)}: Saturday + 0 is {told[0]}, Saturday + 1 is {told[1]}")
print(f"Friday to Monday: {spans[0]} for numpy, {spans[1]} for holidays")
print("guess: all agree")
print("seen:  ", {f"{name} + {days}": day.isoformat() for (name, days), day in seen.items()}, spans)
assert len({seen[name, 0] for name in ("numpy", "holidays", "workalendar")}) > 1, "it has changed"
assert seen["numpy", 1] != seen["holidays", 1], "it has changed"
assert spans == (1, 2), "it has changed"
PYTHON
