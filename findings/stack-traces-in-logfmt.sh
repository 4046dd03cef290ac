#!/usr/bin/env bash
# Guess: a line of logfmt that a service of Python writes is read by whoever reads logfmt: a break in a message is \n in quotes, as go-logfmt
# has it, too, and what stands behind it is there; a path of Windows, and a value that is empty, stay what they are.
# Seen, of a line by logfmter 0.0.12: logfmt 0.4 for Python takes the traceback for true, and joins the fields behind such a message into
# it, so that level and service are gone. logfmt 1.4.0 and @jclem/logfmt2 2.4.3 of Node.js make the letter n of \n, and drop the
# backslashes of C:\temp\new. An empty field is true, null, or nothing. A timeline tells "pool emptynretry".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'logfmt@1.4.0' '@jclem/logfmt2@2.4.3'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'logfmter==0.0.12' 'logfmt==0.4'
venv/bin/python - <<'PYTHON'
import logging
from importlib.metadata import version
from pathlib import Path

import logfmt
from logfmter import Logfmter

record = logging.LogRecord("hub", logging.ERROR, "hub.py", 1, "pool empty\nretry", None, None)
record.service, record.path, record.owner = "data8", r"C:\temp\new", 'team "hub"'
line = Logfmter(keys=["at", "service"], mapping={"at": "levelname"}).format(record)
trace = r'at=ERROR exc_info="Traceback:\n  in gate" owner='
Path("hub.log").write_text(f"{line}\n{trace}\n")
seen = [dict(logfmt.parse_line(each)) for each in (line, trace)]
print(f"logfmter {version('logfmter')} writes: {line}")
print(f"guess: a message of two lines, the path, the owner; of {trace} a traceback of two lines")
print(f"logfmt {version('logfmt')} for Python: {seen}")
assert "owner" not in seen[0] or "path" not in seen[0], "it has changed"
assert seen[1]["exc_info"] is True, "it has changed"
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { decode } from '@jclem/logfmt2';
import logfmt from 'logfmt';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const lines = readFileSync('hub.log', 'utf8').trim().split('\n');
const readers = { logfmt: (line) => logfmt.parse(line), '@jclem/logfmt2': decode };
for (const [name, read] of Object.entries(readers)) {
  const [first, second] = lines.map(read);
  console.log(`${name} ${version(name)}: ${JSON.stringify([first, second])}`);
  if (first.msg !== 'pool emptynretry' || first.path !== 'C:tempnew' || second.exc_info !== 'Traceback:n  in gate') {
    console.error('it has changed');
    process.exit(1);
  }
}
SCRIPT
node seen.mjs
