#!/usr/bin/env bash
# Guess: a carrier's notice of works in the calendar form that carriers agreed on (X-MAINTNOTE-…, in iCalendar) gives each night on which a
# circuit is down, also where one event comes on three nights (RRULE), or says that it cannot be read; times without a zone are of one zone
# wherever the reader runs; what is said of one circuit (X-MAINTNOTE-OBJECT-IMPACT=NO-IMPACT) holds for it.
# Seen, circuit-maintenance-parser 2.12.0: of three nights the first is a window, and the others are none, without a word. A time without
# a zone is one of the process's zone, eight hours later in Los Angeles than in UTC. A circuit's own impact is read where there are two, and
# not where there is one, which is down then. A window by its start and DURATION:PT90M is refused. Two events and times with a zone are right.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'circuit-maintenance-parser==2.12.0' 'icalendar==5.0.14'
TZ=America/Los_Angeles "$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version

from circuit_maintenance_parser import NotificationData, init_provider
from circuit_maintenance_parser.errors import ProviderError

EVENT = """BEGIN:VEVENT
UID:1@example.org
DTSTAMP:20260301T100000Z
SEQUENCE:0
SUMMARY:Works on a fibre
ORGANIZER;CN=Example NOC:mailto:noc@example.org
X-MAINTNOTE-PROVIDER:example.org
X-MAINTNOTE-ACCOUNT:1
X-MAINTNOTE-MAINTENANCE-ID:W-1
X-MAINTNOTE-IMPACT:OUTAGE
X-MAINTNOTE-STATUS:CONFIRMED
X-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=NO-IMPACT:circuit-1
{more}
END:VEVENT
"""


def windows(*events):
    """When its circuits are down, as the parser has it, in UTC."""
    text = "".join(["BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:example\n", *(EVENT.format(more=each) for each in events), "END:VCALENDAR\n"])
    notice = NotificationData.init_from_raw("ical", text.replace("\n", "\r\n").encode())
    try:
        found = init_provider("genericprovider").get_maintenances(notice)
    except ProviderError:
        return "refused"
    return [f"{datetime.fromtimestamp(each.start, UTC):%m-%d %H:%M} {each.circuits[0].impact.value}" for each in found]


nights = windows("DTSTART:20260302T220000Z\nDTEND:20260302T233000Z\nRRULE:FREQ=DAILY;COUNT=3")
floating = windows("DTSTART:20260302T220000\nDTEND:20260302T233000")
duration = windows("DTSTART:20260302T220000Z\nDURATION:PT90M")
circuits = windows("DTSTART:20260302T220000Z\nDTEND:20260302T233000Z\nX-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=OUTAGE:circuit-2")
two = windows(*(f"DTSTART;TZID=Europe/Berlin:2026030{day}T230000\nDTEND;TZID=Europe/Berlin:2026030{day}T233000" for day in "23"))
print(f"circuit-maintenance-parser {version('circuit-maintenance-parser')}: three nights, without a zone, by DURATION, two circuits, two events")
print("guess: nights of 2, 3 and 4 March, or refused; 22:00; 22:00; 22:00; two; NO-IMPACT in all")
print("seen: ", nights, floating, duration, circuits, two)
assert nights == ["03-02 22:00 OUTAGE"], "it has changed"
assert floating == ["03-03 06:00 OUTAGE"], "it has changed"
assert duration == "refused", "it has changed"
assert circuits == ["03-02 22:00 NO-IMPACT"], "it has changed"
assert two == ["03-02 22:00 OUTAGE", "03-03 22:00 OUTAGE"], "it has changed"
PYTHON
