#!/usr/bin/env bash
# Guess: a line of syslog that a converter makes an event of (Common Event Format, as centres of alerts take it) has its words for whoever reads
# such events: "=" is written as \= in a value, "|" is plain there or \|, and a backslash is two; a message "rate=0.5 of errors" stays.
# Seen: syslog2cef 0.3.3 escapes as it should, and cefp 0.0.2 reads the message back. nsyslog-parser 0.10.1 for Node.js, which names CEF among
# its forms, says "rate\ of errors on hub\|db": the number behind the sign is gone, and marks of escaping stay. A value without such signs,
# of several words, is right.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'nsyslog-parser@0.10.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'syslog2cef==0.3.3' 'cefp==0.0.2'
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

import cefp
import syslogcef

WORDS = ("rate=0.5 of errors on hub|db", "Rolled back by Ana Braun")
lines = [syslogcef.convert_line(f"<134>1 2026-03-02T15:30:00+01:00 hub deploy 7 - - {each}") for each in WORDS]
Path("events.cef").write_text("\n".join(lines))
seen = [cefp.parse(each)["extension"]["msg"] for each in lines]
print(f"guess: {WORDS} from both")
print(f"cefp {version('cefp')} of syslog2cef {version('syslog2cef')}: {seen}")
assert seen == list(WORDS), "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const parse = require('nsyslog-parser');

const seen = readFileSync('events.cef', 'utf8')
  .split('\n')
  .map((line) => parse(line).fields.msg);
const { version } = JSON.parse(readFileSync('node_modules/nsyslog-parser/package.json'));
console.log(`nsyslog-parser ${version}: ${JSON.stringify(seen)}`);
if (JSON.stringify(seen) !== JSON.stringify(['rate\\ of errors on hub\\|db', 'Rolled back by Ana Braun'])) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
