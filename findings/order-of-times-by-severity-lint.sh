#!/usr/bin/env bash
# Guess: a linter of incident records that says when an incident was noticed before it began takes its times as times: RFC 3339 lets an
# offset stand, and a record of one team has 15:30:00+01:00 where another's alert has Z. What was spared is no impact: "no data was lost".
# Seen, incident-severity-lint 0.1.0: it compares the letters. Noticed at 14:35 in UTC, five minutes after it began at 15:30 in Berlin, is
# "one of them is wrong"; noticed at 15:00 in Berlin, an hour and a half before it began in UTC, is none. "No data was lost and all users
# could log in" is SEV1 by its words. It ends with 1, so a hook refuses the true record and takes the false one.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'incident-severity-lint==0.1.0'
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

from incident_severity_lint import lint

PLAIN = "Search was slow for some users"


def told(started, detected, impact=PLAIN):
    """What it says of the order, and of the level, of a record with these."""
    record = {"severity": "SEV2", "started_at": started, "detected_at": detected, "impact": impact}
    found = lint(record)
    return [word for word in ("is before", "too LOW") if any(word in each for each in found)]


seen = [
    told("2026-03-02T15:30:00Z", "2026-03-02T15:35:00Z"),
    told("2026-03-02T15:30:00+01:00", "2026-03-02T14:35:00Z"),
    told("2026-03-02T15:30:00Z", "2026-03-02T15:45:00+01:00"),
    told("2026-03-02T15:30:00Z", "2026-03-02T15:35:00Z", f"{PLAIN}. No data was lost and all users could log in."),
]
print(f"incident-severity-lint {version('incident-severity-lint')}: in order, in order, noticed before it began, spared")
print("guess: [[], [], ['is before'], []]")
print(f"seen:  {seen}")
assert seen == [[], ["is before"], [], ["too LOW"]], "it has changed"
PYTHON
