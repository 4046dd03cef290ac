#!/usr/bin/env bash
# Guess: "two hours after the alert" is an hour later than "one hour after", on every day; and hours that are added to a time
# in a zone are hours that pass, as days are days on the clocks.
# Seen, arrow 1.4.0: from 01:30 in Berlin on 29 March 2026 one hour and two hours on are both 03:30. It counts on the clocks,
# and moves what falls into the gap. pendulum 3.3.0 and whenever 0.11.0 say 03:30 and 04:30.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'arrow==1.4.0' 'pendulum==3.3.0' 'whenever==0.11.0' \
    'tzdata==2026.6'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import arrow
import pendulum
import whenever

ZONE = "Europe/Berlin"
alert = arrow.get(datetime(2026, 3, 29, 1, 30, tzinfo=ZoneInfo(ZONE)))
other = pendulum.datetime(2026, 3, 29, 1, 30, tz=ZONE)
third = whenever.ZonedDateTime(2026, 3, 29, 1, 30, tz=ZONE)
seen = {
    "arrow": [f"{alert.shift(hours=hours):HH:mm}" for hours in (1, 2)],
    "pendulum": [f"{other.add(hours=hours):%H:%M}" for hours in (1, 2)],
    "whenever": [third.add(hours=hours).format_iso()[11:16] for hours in (1, 2)],
}
print("01:30 in Berlin on 29 March 2026, and one and two hours")
print("guess: 03:30 and 04:30")
for name, said in seen.items():
    print(f"seen:  {name} {version(name)}: {said}")
assert seen["arrow"] == ["03:30", "03:30"], "it has changed"
assert seen["pendulum"] == seen["whenever"] == ["03:30", "04:30"], "it has changed"
PYTHON
