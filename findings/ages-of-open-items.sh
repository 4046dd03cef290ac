#!/usr/bin/env bash
# Guess: lifelines, which says how long open items last (Kaplan-Meier), takes their dates as its own function does: who has no end
# is as old as it is at this moment; an end without a time of day is that day's beginning; four hours are a part of a day.
# Seen, lifelines 0.30.3, `datetimes_to_durations`: "this moment" is when the library was loaded, so that in a service open items
# grow no older. Where the first end has a time of day, one without is told as closed after minus 9.2e18 days, with no more than a
# warning about times. Durations are cut to whole units: what was closed after 4 or 23 hours lasted 0 days.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'lifelines==0.30.3' 'pandas==2.3.3'
"$folder/venv/bin/python" - <<'PYTHON'
import inspect
import warnings
from datetime import datetime
from importlib.metadata import version

from lifelines.utils import datetimes_to_durations

warnings.simplefilter("ignore")
loaded = datetime.now()
starts = ["2026-03-02 09:00", "2026-03-02 09:00", "2026-03-02 09:00", "2026-03-02 09:00"]
ends = ["2026-03-02 13:00", "2026-03-03 08:00", None, "2026-03-09"]
durations, are_closed = datetimes_to_durations(starts, ends, fill_date=datetime(2026, 3, 31, 9))
default = inspect.signature(datetimes_to_durations).parameters["fill_date"].default
print(f"lifelines {version('lifelines')}: closed after 4 and 23 hours, open, closed on a day seven days later")
print("guess: 0.17, 0.96, 29 and 6.6 days; without a date given, open items are looked at now")
print(f"seen:  {[float(each) for each in durations]}, {[bool(each) for each in are_closed]}; looked at {loaded - default} before")
assert list(durations[:3]) == [0, 0, 29] and durations[3] < -9e18, "it has changed"
assert list(are_closed) == [True, True, False, True] and default < loaded, "it has changed"
PYTHON
