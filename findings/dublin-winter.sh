#!/usr/bin/env bash
# Guess: `dst()` is nothing in winter and an hour in summer, so that a time with a true `dst()` is summer time.
# Seen for Europe/Dublin, with zoneinfo and tzdata 2026.6, pytz 2026.6, python-dateutil 2.9.0.post0 and pendulum 3.3.0:
# it is nothing in summer, which is Irish Standard Time, and minus an hour in winter. icalendar 7.3.2 writes the
# winter into a VTIMEZONE as DAYLIGHT, the summer as STANDARD; offsets are right everywhere.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install \
    'tzdata==2026.6' 'pytz==2026.6' 'python-dateutil==2.9.0.post0' 'pendulum==3.3.0' 'icalendar==7.3.2'
PYTHONTZPATH='' "$folder/venv/bin/python" - <<'PYTHON'
from datetime import date, datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

import dateutil.tz
import icalendar
import pendulum
import pytz

NAME, NOTHING, HOUR = "Europe/Dublin", timedelta(0), timedelta(hours=1)


def both(made):
    """The offset and `dst()` of January and of July, as `made` says them."""
    return [(one.utcoffset(), one.dst()) for one in (made(datetime(2026, month, 1, 12)) for month in (1, 7))]


def to_pendulum(day):
    return pendulum.datetime(day.year, day.month, day.day, day.hour, tz=NAME)


sides = {
    "tzdata": both(lambda day: day.replace(tzinfo=ZoneInfo(NAME))),
    "pytz": both(pytz.timezone(NAME).localize),
    "python-dateutil": both(lambda day: day.replace(tzinfo=dateutil.tz.gettz(NAME))),
    "pendulum": both(to_pendulum),
}
print(f"guess: January {NOTHING} ahead and dst() {NOTHING}; July {HOUR} ahead and dst() {HOUR}")
for library, ((winter, winter_dst), (summer, summer_dst)) in sides.items():
    print(f"seen:  {library} {version(library)}: {winter_dst!s} in January, {summer_dst!s} in July")
    assert (winter, summer) == (NOTHING, HOUR), "it has changed"
    assert (winter_dst, summer_dst) == (-HOUR, NOTHING), "it has changed"

zone = icalendar.Timezone.from_tzid(NAME, first_date=date(2026, 1, 1), last_date=date(2027, 1, 1))
parts = {(part.name, str(part["TZNAME"])) for part in zone.subcomponents}
print(f"seen:  icalendar {version('icalendar')}: {sorted(parts)}")
assert parts == {("DAYLIGHT", "GMT"), ("STANDARD", "IST")}, "it has changed"
PYTHON
