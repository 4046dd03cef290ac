#!/usr/bin/env bash
# When a shift changes hands that a rota gives as "every twelve hours" (FREQ=HOURLY;INTERVAL=12, from eight in the morning in Berlin), on
# the night on which clocks go forward and after it.
# Guess: libraries of such rules agree, as they do on "each day at 8:00" and on the last working day of a month: hours are hours that pass
# (RFC 5545 §3.3.10 counts them so), or those that clocks show.
# Seen: rrule-temporal 2.2.8 counts hours that pass, so that from 29 March 2026 on the shift changes at nine, in the evening too; dateutil
# 2.9.0.post0 and rrule-rust 3.1.1 count what clocks show, and it stays at eight, by a shift of eleven hours. Asked for each hour of that
# night, rrule-rust says 01:30 UTC twice. Two tools that show one rota differ by an hour from then on, until October.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'rrule-temporal@2.2.8' 'rrule-rust@3.1.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-dateutil==2.9.0.post0' 'tzdata==2025.2'
cat >seen.cjs <<'SCRIPT'
const assert = require('node:assert');
const { RRuleTemporal } = require('rrule-temporal');
const { RRuleSet } = require('rrule-rust');

const text = (start, rule) => `DTSTART;TZID=Europe/Berlin:${start}\nRRULE:${rule}`;
const utc = (milliseconds) => new Date(Number(milliseconds)).toISOString().slice(5, 16);
const byTemporal = (...rule) => new RRuleTemporal({ rruleString: text(...rule) }).all().map((at) => utc(at.epochMilliseconds));
const byRust = (...rule) => RRuleSet.fromString(text(...rule)).all().map((at) => utc(at.toDate()));

const shifts = ['20260328T080000', 'FREQ=HOURLY;INTERVAL=12;COUNT=4'];
const night = ['20260329T013000', 'FREQ=HOURLY;COUNT=4'];
console.log('guess: the same times in UTC, none of them twice');
console.log('rrule-temporal 2.2.8:', byTemporal(...shifts).join(' '), '/', byTemporal(...night).join(' '));
console.log('rrule-rust 3.1.1:    ', byRust(...shifts).join(' '), '/', byRust(...night).join(' '));
assert.deepEqual(byTemporal(...shifts), ['03-28T07:00', '03-28T19:00', '03-29T07:00', '03-29T19:00']);
assert.deepEqual(byRust(...shifts), ['03-28T07:00', '03-28T19:00', '03-29T06:00', '03-29T18:00']);
assert.deepEqual(byTemporal(...night), ['03-29T00:30', '03-29T01:30', '03-29T02:30', '03-29T03:30']);
assert.deepEqual(byRust(...night), ['03-29T00:30', '03-29T01:30', '03-29T01:30', '03-29T02:30']);
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

start = datetime(2026, 3, 28, 8, tzinfo=ZoneInfo("Europe/Berlin"))
seen = [f"{each.astimezone(UTC):%m-%dT%H:%M}" for each in rrulestr("FREQ=HOURLY;INTERVAL=12;COUNT=4", dtstart=start)]
print(f"dateutil {version('python-dateutil')}: {' '.join(seen)}")
assert seen == ["03-28T07:00", "03-28T19:00", "03-29T06:00", "03-29T18:00"], "it has changed"
PYTHON
