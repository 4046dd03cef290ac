"""Times as strangers write them: what stands around a clock, and what only looks like an entry."""

from __future__ import annotations

import pytest

from postmortems.document.markdown import parser
from postmortems.document.times import timeline_times

# The lines of a timeline of 2026-03-10 => each entry: when it was, and its words.
LINES: dict[str, list[tuple[str, str]]] = {
    "- 14:05 -> 14:10 down\n": [("2026-03-10T14:05", "down")],
    "- 14:05 [+5m] down\n": [("2026-03-10T14:05", "down")],
    "- 14:05 (+0:05) down\n": [("2026-03-10T14:05", "down")],
    "- 14:05 (5 hosts) down\n": [("2026-03-10T14:05", "(5 hosts) down")],
    "- 14:05 onwards - down\n": [("2026-03-10T14:05", "down")],
    "- 14:05 – ? down\n": [("2026-03-10T14:05", "down")],
    "- 14:05+ down\n": [("2026-03-10T14:05", "down")],
    "- 14:05¹ down\n": [("2026-03-10T14:05", "down")],
    "- 14:05 local time: down\n": [("2026-03-10T14:05", "down")],
    "- 14:05 local disk full\n": [("2026-03-10T14:05", "local disk full")],
    "- 14:05 » down\n- 14:30 · up\n": [("2026-03-10T14:05", "down"), ("2026-03-10T14:30", "up")],
    "- <b>14:05</b> down\n": [("2026-03-10T14:05", "down")],
    "- <b>14 hosts</b> down\n- 14:30 up\n": [("2026-03-10T14:30", "up")],
    "- Hub down (14:05)\n- Hub up — 14:30 UTC\n": [
        ("2026-03-10T14:05", "Hub down"),
        ("2026-03-10T14:30", "Hub up"),
    ],
    "- Hub down (14:05)\n- Hub up again\n": [],
    "- Hub down at 14:05\n- **Hub up:** 14:30\n- Closed: [to come]\n": [
        ("2026-03-10T14:05", "Hub down"),
        ("2026-03-10T14:30", "**Hub up**"),
    ],
    "- Hub down 2026-03-10 14:05\n- Hub up: 14:30\n- Cause: a fuse\n": [],
    "- Hub down: 14:05\n- Closed: [to come]\n": [],
    "- Hub down: 14:05\n- Proxy down: 14:06\n- Told nobody\n- Hub up: 14:30\n": [
        ("2026-03-10T14:05", "Hub down"),
        ("2026-03-10T14:06", "Proxy down"),
        ("2026-03-10T14:30", "Hub up"),
    ],
    "- Hub down: 14:05\n- Told nobody\n- Asked nobody\n- Hub up: 14:30\n- Proxy up: 14:31\n": [],
    "- Hub 2026 14:05\n- Hub up 14:30\n": [],
    "- Hub down (14 hosts)\n- Hub up (12 hosts)\n": [],
    "- Detection\n  - 14:05 down\n- Recovery\n  - 14:30 up\n": [
        ("2026-03-10T14:05", "down"),
        ("2026-03-10T14:30", "up"),
    ],
    "- Detection\n  - 14:05 down\n  - nobody saw it\n": [],
    "- Tue 14:05 down\n- Wednesday, 2:30 pm: up\n": [
        ("2026-03-10T14:05", "down"),
        ("2026-03-11T14:30", "up"),
    ],
    "- Mon 23:50 first signs\n- Tue 14:05 down\n": [
        ("2026-03-09T23:50", "first signs"),
        ("2026-03-10T14:05", "down"),
    ],
    "- Monday team meets\n- 14:30 up\n": [("2026-03-10T14:30", "up")],
    "- 22:30 UTC (Oct 29) - down\n": [("2025-10-29T22:30", "down")],
    "- 14:05 down\n- **Note**: nobody saw it\n": [("2026-03-10T14:05", "down")],
    "**10 March:** (GST is gulf standard time)\n\n14:05 down\n": [("2026-03-10T14:05", "down")],
    "- 10 March: (no one saw it) down\n": [("2026-03-10", "(no one saw it) down")],
    "| Day | Date | Time | Event |\n|---|---|---|---|\n| Tue | Mar 10 | 14:05 | down |\n": [
        ("2026-03-10T14:05", "down")
    ],
    "| No | Date | Time | Event |\n|---|---|---|---|\n| A1 | Mar 10 | 14:05 | down |\n": [
        ("2026-03-10T14:05", "A1 | down")
    ],
}


def _shown(reading: timeline_times.Reading) -> str:
    if reading.at is None:
        return ""
    at = reading.at.isoformat(timespec="minutes")
    return at.partition("T")[0] if reading.precision == "day" else at


@pytest.mark.parametrize("lines, entries", LINES.items())
def test_what_stands_around_a_clock_is_no_part_of_the_words(
    lines: str, entries: list[tuple[str, str]]
) -> None:
    document = parser.parse(f"# Hub down\n\nDate: 2026-03-10\n\n## Timeline\n\n{lines}")

    readings = timeline_times.read_entries(document)
    found = [
        (_shown(reading), entry.text.partition("\n")[0])
        for reading, entry in zip(readings, document.entries, strict=True)
    ]
    assert found == entries
    assert parser.parse(parser.write(document)) == document
