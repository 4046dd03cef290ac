#!/usr/bin/env bash
# Guess: working time until a due date is negative once it has passed, so that one number says left or over.
# Seen, businesstimedelta 1.0.1: from Monday 10:00 back to Friday 16:00 it says 2 hours, as it does forth; numpy's
# busday_count, of whole days, is negative. Who sorts items by what is left puts overdue ones between those that have time.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'businesstimedelta==1.0.1' 'numpy==2.4.6'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, time
from importlib.metadata import version

import businesstimedelta
import numpy

friday, monday = datetime(2026, 3, 6, 16), datetime(2026, 3, 9, 10)
office = businesstimedelta.WorkDayRule(start_time=time(9), end_time=time(17), working_days=[0, 1, 2, 3, 4])
seen = [office.difference(*pair).hours for pair in ((friday, monday), (monday, friday))]
days = [int(numpy.busday_count(*pair)) for pair in ((friday.date(), monday.date()), (monday.date(), friday.date()))]
print(f"businesstimedelta {version('businesstimedelta')}: from Friday 16:00 to Monday 10:00, and back, in hours of 9 to 17")
print("guess: 2 and -2")
print(f"seen:  {seen[0]} and {seen[1]}; numpy {version('numpy')}, in days: {days[0]} and {days[1]}")
assert seen == [2, 2] and days[0] > 0 > days[1], "it has changed"
PYTHON
