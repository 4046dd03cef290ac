#!/usr/bin/env bash
# Guess: a to-do that is due on a day (DUE;VALUE=DATE, RFC 5545 §3.8.2.3) is due on that day for whoever reads the calendar, and
# stays so when a program writes it back.
# Seen: ics 0.7.3 for Python makes midnight in UTC of it, and writes that, so the to-do is due a day early west of Greenwich.
# todoman 4.7.0 has the day; but of a to-do whose end is said by DTSTART and DURATION (§3.6.2) it says that it has no due date.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'ics==0.7.3'
python3 -m venv todoman
todoman/bin/python -m pip --quiet --disable-pip-version-check install 'todoman==4.7.0'
mkdir list
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//example//EN BEGIN:VTODO UID:1@example.org DTSTAMP:20260302T090000Z \
    'DUE;VALUE=DATE:20260309' SUMMARY:Rotate END:VTODO END:VCALENDAR >list/1.ics
printf '%s\r\n' BEGIN:VCALENDAR VERSION:2.0 PRODID:-//example//EN BEGIN:VTODO UID:2@example.org DTSTAMP:20260302T090000Z \
    DTSTART:20260309T090000Z DURATION:PT1H SUMMARY:Alert END:VTODO END:VCALENDAR >list/2.ics
cat >seen.py <<'SCRIPT'
from importlib.metadata import version
from pathlib import Path

import ics

calendar = ics.Calendar(Path("list/1.ics").read_text())
(written,) = [line for line in calendar.serialize().splitlines() if line.startswith("DUE")]
print(f"ics {version('ics')}, written back: {written}")
assert written == "DUE:20260309T000000Z", "it has changed"
SCRIPT
cat >config.py <<SCRIPT
path = "$folder/list"
cache_path = "$folder/cache"
date_format = "%Y-%m-%d"
SCRIPT
echo 'guess: DUE;VALUE=DATE:20260309; both due on 9 March'
venv/bin/python seen.py
TZ=America/Los_Angeles todoman/bin/todo --config config.py --porcelain list >todos.json
todoman/bin/python - <<'SCRIPT'
import json
from importlib.metadata import version

with open("todos.json") as file:
    seen = {each["summary"]: each["due"] for each in json.load(file)}
print(f"todoman {version('todoman')}, in Los Angeles, seconds since 1970: {seen}")
assert seen == {"Rotate": 1773039600, "Alert": None}, "it has changed"
SCRIPT
