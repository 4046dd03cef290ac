#!/usr/bin/env bash
# Guess: a calendar asked for one year has all days off that come from that year's holidays; and what is in it does not
# depend on what was asked of it before.
# Seen, holidays 0.109: New Year's Day 2028 is a Saturday, and the United States rest on 31 December 2027: that day stands
# in the calendar of 2027 alone. `day in calendar` loads the year of the day, so the same calendar then has more days than
# before: it answers a question about the day rightly, and a loop over it only about the years that somebody asked for.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'holidays==0.109'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import date
from importlib.metadata import version

import holidays

observed = date(2027, 12, 31)
calendar = holidays.country_holidays("US", years=[2028])
before = set(calendar)
is_in = observed in calendar
after = set(calendar)
print(f"holidays {version('holidays')}: the United States in 2028, and {observed}, on which New Year's Day 2028 is observed")
print("guess: listed with the days of 2028, and the list stays as it is")
print(f"seen:  listed: {observed in before}; asked for: {is_in}; the list had {len(before)} days, and now has {len(after)}")
assert (observed in before, is_in, observed in after) == (False, True, True), "it has changed"
assert len(after) > len(before), "it has changed"
PYTHON
