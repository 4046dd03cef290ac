#!/usr/bin/env bash
# Guess: a line of syslog as rsyslog forwards it with full times (RSYSLOG_ForwardFormat) is read with its time, host and words; a
# message without a time (`-`, RFC 5424 §6.2.3) has none; a line without a priority, as it stands in files, has no severity.
# Seen: of "<34>2026-03-02T15:30:00+01:00 hub1 app: boom" glossy 0.1.7 has no time, the host "boom" and no message, and
# nsyslog-parser 0.10.1 has the moment of reading for its time, and no host; likewise for `-`. syslog-parse 2.0.0 reads neither,
# and takes a line of a file for an emergency of the kernel. And all three, and syslogmp 0.4 for Python, put the lines of 31 December
# that are read in January a year ahead. A timeline made of that tells when it was read, not when it happened.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'glossy@0.1.7' 'nsyslog-parser@0.10.1' 'syslog-parse@2.0.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'syslogmp==0.4'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const RealDate = Date;
const now = RealDate.UTC(2027, 0, 1, 0, 5);
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
  static now() {
    return now;
  }
};
const glossy = require('glossy').Parse;
const nsyslog = require('nsyslog-parser');
const parse = require('syslog-parse').default ?? require('syslog-parse');

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const lines = [
  '<34>2026-03-02T15:30:00+01:00 hub1 app: boom',
  '<165>1 - hub1 app - - - boom',
  '<34>Dec 31 23:59:58 hub1 app: boom',
  'Mar  2 15:30:00 hub1 app: boom',
];
const told = (time, host, severity, words) =>
  [time ? new RealDate(time).toISOString().slice(0, 16) : 'no time', host || 'no host', severity || 'none', words || 'no words'].join();
const seen = {
  glossy: lines.map((line) => glossy.parse(line)).map((each) => told(each.time, each.host, each.severity, each.message)),
  'nsyslog-parser': lines.map((line) => nsyslog(line)).map((each) => told(each.ts, each.host, each.level, each.message)),
  'syslog-parse': lines
    .map((line) => parse(line))
    .map((each) => (each ? told(each.time, each.host, each.severity, each.message) : 'nothing')),
};
console.log(`read at ${new RealDate(now).toISOString().slice(0, 16)}: ${lines.join(' | ')}`);
console.log('guess: 2026-03-02T14:30,hub1,crit | no time,hub1 | 2026-12-31T23:59,hub1 | no severity');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${said.join(' | ')}`);
const expected = {
  glossy: ['no time,boom,crit,no words', 'no time,hub1,notice,boom', '2027-12-31T23:59,hub1,crit,app: boom'],
  'nsyslog-parser': ['2027-01-01T00:05,no host,crit', '2027-01-01T00:05,hub1,notice,boom', '2027-12-31T23:59,hub1,crit,boom'],
  'syslog-parse': ['nothing', 'nothing', '2027-12-31T23:59,hub1,crit,boom', '2027-03-02T15:30,hub1,emerg,boom'],
};
for (const [name, wanted] of Object.entries(expected)) {
  if (!wanted.every((said, place) => seen[name][place].startsWith(said))) {
    console.error('it has changed');
    process.exit(1);
  }
}
SCRIPT
TZ=UTC node seen.cjs
venv/bin/python - <<'PYTHON'
from datetime import datetime
from importlib.metadata import version

import syslogmp

read = syslogmp.parse(b"<34>Dec 31 23:59:58 hub1 app: boom")
print(f"syslogmp {version('syslogmp')}: {read.timestamp}, read at {datetime.now():%Y-%m-%d %H:%M}")
assert read.timestamp.year == datetime.now().year and read.timestamp.month == 12, "it has changed"
PYTHON
