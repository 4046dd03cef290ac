#!/usr/bin/env bash
# Guess: two cron libraries say the same of a job at half past one in the night when that comes twice.
# Seen: croniter 7.0.0 runs `30 1 * * *` in both passes of the repeated hour, cronsim 2.8 in the first only.
# Both run `30 * * * *` in both, and a skipped half past two at three.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'croniter==7.0.0' 'cronsim==2.8'
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
from datetime import datetime
from importlib.metadata import version
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

NEW_YORK = ZoneInfo("America/New_York")


def told(line, start):
    sides = (croniter(line, start, ret_type=datetime), CronSim(line, start))
    return [[one.isoformat() for one in islice(side, 2)] for side in sides]


before = datetime(2026, 11, 1, 0, 45, tzinfo=NEW_YORK)
fixed, hourly = told("30 1 * * *", before), told("30 * * * *", before)
skipped = told("30 2 * * *", datetime(2026, 3, 7, 12, tzinfo=NEW_YORK))
print(f"croniter {version('croniter')} and cronsim {version('cronsim')}, America/New_York, 30 1 * * *, 2026-11-01")
print("guess: the same two times")
print(f"seen:  {fixed[0]} and {fixed[1]}")
assert fixed[0] == ["2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00"], "it has changed"
assert fixed[1] == ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"], "it has changed"
assert hourly[0] == hourly[1] and skipped[0][0] == skipped[1][0] == "2026-03-08T03:00:00-04:00", "it has changed"
PYTHON
