#!/usr/bin/env bash
# Guess: a due date in words, read on Wednesday 4 March 2026 with later days preferred, is the day that was meant, or nothing:
# "next Friday" one day for all, "by end of March" the 31st, "2 weeks from Monday" the 23rd, "mid-April" and "next quarter" within
# those, "end of the year" in December.
# Seen: of "next Friday" dateparser 1.5.0 makes the 6th, chrono-node 2.10.3 and parsedatetime 2.6 the 13th. dateparser's
# search_dates makes 4 March 2027 of "by end of March", and parsedatetime 1 March 2027; chrono-node has the 31st. Of two weeks from
# Monday chrono-node makes two days, the 18th and the 9th, parsedatetime the 16th. For chrono-node "mid-April" is the 1st, "next
# quarter" 4 June, "end of the year" 4 March 2027.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'chrono-node@2.10.3'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'dateparser==1.5.0' 'parsedatetime==2.6'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import * as chrono from 'chrono-node';

const said = ['next Friday', 'by end of March', '2 weeks from Monday', 'mid-April', 'next quarter', 'end of the year'];
const days = said.map((words) =>
  chrono
    .parse(words, new Date('2026-03-04T10:00:00Z'), { forwardDate: true })
    .map((found) => found.date().toISOString().slice(0, 10))
    .join(' and '),
);
const { version } = JSON.parse(readFileSync('node_modules/chrono-node/package.json'));
console.log(said.join(', '));
console.log('guess: one Friday for all, 2026-03-31, 2026-03-23, then within these or nothing');
console.log(`chrono-node ${version}: ${days.join(', ')}`);
const expected = ['2026-03-13', '2026-03-31', '2026-03-18 and 2026-03-09', '2026-04-01', '2026-06-04', '2027-03-04'];
if (days.join() !== expected.join()) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC node seen.mjs
TZ=UTC venv/bin/python - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

import parsedatetime
from dateparser.search import search_dates

now = datetime(2026, 3, 4, 10)
settings = {"RELATIVE_BASE": now, "PREFER_DATES_FROM": "future"}
said = ["next Friday", "by end of March", "2 weeks from Monday"]
searched = [
    [f"{day:%Y-%m-%d}" for _, day in search_dates(words, languages=["en"], settings=settings) or []] for words in said
]
calendar = parsedatetime.Calendar()
parsed = [f"{calendar.parseDT(words, now)[0]:%Y-%m-%d}" for words in said]
print(f"dateparser {version('dateparser')}: {searched}")
print(f"parsedatetime {version('parsedatetime')}: {parsed}")
assert searched[:2] == [["2026-03-06"], ["2027-03-04"]], "it has changed"
assert parsed == ["2026-03-13", "2027-03-01", "2026-03-16"], "it has changed"
PYTHON
