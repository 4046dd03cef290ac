#!/usr/bin/env bash
# Guess: a line of cron that begins with `*` or runs each hour comes at every such time that the clocks show, wherever.
# Seen: where clocks change by half an hour (Lord Howe Island), cronsim 2.8 steps over times that are there: past the
# change it goes on by whole hours of the zone before. At changes of a whole hour it misses nothing.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'cronsim==2.8' 'tzdata==2025.2'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

from cronsim import CronSim


def missed(line, zone, day, matches):
    """The times in UTC that the clocks show and the line does not come at."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    walls = [start + timedelta(minutes=each) for each in range(1, 24 * 60)]
    due = {wall for wall in walls if matches(wall.astimezone(zone))}
    come = set()
    for found in CronSim(line, start.astimezone(zone)):
        if found.astimezone(UTC) > walls[-1]:
            break
        come.add(found.astimezone(UTC))
    assert come <= due, "it has changed"
    return [f"{wall:%Y-%m-%dT%H:%MZ}" for wall in sorted(due - come)]


def is_half_past(wall):
    return wall.minute == 30


island, coast = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Los_Angeles")
back = missed("30 * * * *", island, "2026-04-04", is_half_past)
forward = missed("30 * * * *", island, "2026-10-03", is_half_past)
at_two = missed("*/10 2 * * *", island, "2026-04-04", lambda wall: wall.hour == 2 and wall.minute % 10 == 0)
whole = [missed("30 * * * *", coast, day, is_half_past) for day in ("2026-03-08", "2026-11-01")]
print(f"cronsim {version('cronsim')}, Australia/Lord_Howe, 30 * * * * and */10 2 * * *, in 2026")
print("guess: no time is missed that the clocks show")
print(f"seen:  missed {back}, {forward} and {at_two}; in America/Los_Angeles {whole}")
assert back == ["2026-04-04T15:00Z"] and forward == ["2026-10-03T15:30Z"], "it has changed"
assert at_two == ["2026-04-04T15:30Z", "2026-04-04T15:40Z", "2026-04-04T15:50Z"], "it has changed"
assert whole == [[], []], "it has changed"
PYTHON
