#!/usr/bin/env bash
# Guess: `0 9 * * 1-5`, read by a function called from_crontab, is nine o'clock from Monday to Friday.
# Seen, APScheduler 3.11.3: its weekdays begin with Monday as 0, so it is Tuesday to Saturday; 7 for Sunday is refused.
# And of `0 9 13 * 5` both days must fit, where cron runs on every 13th and on every Friday.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'apscheduler==3.11.3' 'cronsim==2.8'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from itertools import islice

from apscheduler.triggers.cron import CronTrigger
from cronsim import CronSim

SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)


def scheduled(line, count):
    trigger, found, now = CronTrigger.from_crontab(line, timezone="UTC"), [], SUNDAY
    while len(found) < count:
        found.append(trigger.get_next_fire_time(None, now))
        now = found[-1] + timedelta(seconds=1)
    return [f"{one:%a %d %b}" for one in found]


def as_cron(line, count):
    return [f"{one:%a %d %b}" for one in islice(CronSim(line, SUNDAY), count)]


print(f"APScheduler {version('apscheduler')}, 0 9 * * 1-5, from Sunday 1 March 2026")
print(f"guess: {as_cron('0 9 * * 1-5', 5)}, as cronsim {version('cronsim')}")
print(f"seen:  {scheduled('0 9 * * 1-5', 5)}")
print("0 9 13 * fri")
print(f"guess: {as_cron('0 9 13 * fri', 3)}")
print(f"seen:  {scheduled('0 9 13 * fri', 3)}")
assert as_cron("0 9 * * 1-5", 5)[0::4] == ["Mon 02 Mar", "Fri 06 Mar"], "it has changed"
assert scheduled("0 9 * * 1-5", 5)[0::4] == ["Tue 03 Mar", "Sat 07 Mar"], "it has changed"
assert as_cron("0 9 13 * fri", 3) == ["Fri 06 Mar", "Fri 13 Mar", "Fri 20 Mar"], "it has changed"
assert scheduled("0 9 13 * fri", 3) == ["Fri 13 Mar", "Fri 13 Nov", "Fri 13 Aug"], "it has changed"
try:
    CronTrigger.from_crontab("0 9 * * 7", timezone="UTC")
except ValueError as refused:
    print(f"0 9 * * 7: {refused}")
else:
    raise SystemExit("it has changed")
PYTHON
