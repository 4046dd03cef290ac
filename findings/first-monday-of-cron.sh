#!/usr/bin/env bash
# Guess: "0 9 */31,1-7 * 1" is nine o'clock on the first Monday of a month, the known way to say so: the day of the month begins with
# a star, so for cron it is as good as unrestricted, and both days must fit, not either. Libraries that run lines of cron do as cron.
# Seen: cronsim 2.8 does. croniter 7.0.0 and croner 11.0.1 run it on the first seven days and on all Mondays, eleven days in March 2026;
# cron-parser 5.10.6 refuses it, as the 1st is there twice, and takes "*/2 * 1" as they do. In words cron-descriptor 2.2.1 says
# "… or on Monday", cronstrue 3.39.0 "… and on Monday", as it does where either is enough. A game day comes each week, or the one
# of the rota does not.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'croner@11.0.1' 'cron-parser@5.10.6' 'cronstrue@3.39.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'cronsim==2.8' 'croniter==7.0.0' 'cron-descriptor==2.2.1'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';
import cronstrue from 'cronstrue';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const since = new Date('2026-03-01T00:00:00Z');
const days = (times) => times.map((time) => time.toISOString().slice(5, 10)).filter((day) => day < '04').length;
let parsed;
try {
  CronExpressionParser.parse('0 9 */31,1-7 * 1', { currentDate: since, tz: 'UTC' });
  parsed = 'taken';
} catch (error) {
  parsed = /duplicate/.test(error.message) ? 'refused' : error.message;
}
const every = CronExpressionParser.parse('0 9 */2 * 1', { currentDate: since, tz: 'UTC' }).take(40).map((time) => time.toDate());
const seen = [
  `croner ${version('croner')}: ${days(new Cron('0 9 */31,1-7 * 1', { timezone: 'UTC' }).nextRuns(40, since))}`,
  `cron-parser ${version('cron-parser')}: ${parsed}; of "*/2 * 1": ${days(every)}`,
  `cronstrue ${version('cronstrue')}: ${cronstrue.toString('0 9 */31,1-7 * 1')}; ${cronstrue.toString('0 9 13 * 1')}`,
];
console.log('guess: 1 day in March 2026, and 2 of "*/2 * 1"');
seen.forEach((line) => console.log(line));
const expected = [/: 11$/, /: refused; of "\*\/2 \* 1": 19$/, /, and on Monday; .*, and on Monday$/];
if (!seen.every((line, at) => expected[at].test(line))) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import takewhile

from cron_descriptor import get_description
from croniter import croniter
from cronsim import CronSim

LINE = "0 9 */31,1-7 * 1"
since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
seen = {
    "cronsim": len(list(takewhile(until.__gt__, CronSim(LINE, since)))),
    "croniter": len(list(takewhile(until.__gt__, croniter(LINE, since, ret_type=datetime)))),
}
for name, days in seen.items():
    print(f"{name} {version(name)}: {days}")
words = get_description(LINE)
print(f"cron-descriptor {version('cron-descriptor')}: {words}")
assert seen == {"cronsim": 1, "croniter": 11} and words.endswith("or on Monday"), "it has changed"
PYTHON
