#!/usr/bin/env bash
# Guess: an alert that still fires, which Alertmanager sends with "endsAt": "0001-01-01T00:00:00Z", is told from one that ended, or its
# end is a time far off that can be shown; it is a valid time by RFC 3339, and libraries of times take it alike, in any zone.
# Seen: polars 2.1.0 in nanoseconds, as metrics have them, makes 30 August 1754 of it, without a word: the years wrap around. In the zone
# of Los Angeles arrow 1.4.0, pendulum 3.3.0 and whenever 0.11.0 raise, as that is before the first year, and in Berlin they do not:
# there it is 00:53:28. A page of alerts works in Europe, and fails in America.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'polars==2.1.0' 'arrow==1.4.0' 'pendulum==3.3.0' \
  'whenever==0.11.0' 'tzdata==2026.6'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import arrow
import pendulum
import polars
from whenever import Instant

END = "0001-01-01T00:00:00Z"
SHOW = {
    "arrow": lambda zone: arrow.get(END).to(zone),
    "pendulum": lambda zone: pendulum.parse(END).in_timezone(zone),
    "whenever": lambda zone: Instant.parse_iso(END).to_tz(zone),
}
wrapped = polars.Series([END]).str.to_datetime(time_unit="ns")[0]
print("guess: the year 1, in any zone, or refused in all")
print(f"polars {version('polars')}, in nanoseconds: {wrapped}")
assert str(wrapped).startswith("1754-08-30"), "it has changed"
for name, show in SHOW.items():
    seen = {}
    for zone in ("Europe/Berlin", "America/Los_Angeles"):
        try:
            seen[zone] = str(show(zone))
        except (OverflowError, ValueError) as error:
            seen[zone] = f"refused: {error}"
    print(f"{name} {version(name)}: {seen}")
    assert "00:53:28" in seen["Europe/Berlin"] and seen["America/Los_Angeles"].startswith("refused"), "it has changed"
PYTHON
