#!/usr/bin/env bash
# Guess: a long command in notes by mail (text/plain; format=flowed, RFC 3676, as Thunderbird and others write it) is one line again
# for who reads the mail, also where an answer quotes it: the marks of a quote go before lines are joined (§4.5).
# Seen: mailparser 3.14.2 does so. postal-mime 4.0.0 joins the lines of a quote with their marks: "kubectl rollout undo deployment/hub
# > --to-revision=3", which a shell takes for a command without a revision that writes into a file. mail-parser 4.8.0 for Python and
# the standard library's email leave lines as they came, with the blank that was put before a line "From here on".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'mailparser@3.14.2' 'postal-mime@4.0.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'mail-parser==4.8.0'
venv/bin/python - <<'PYTHON'
from pathlib import Path

LINES = (
    "From: Ana <ana@example.org>",
    "To: hub <hub@example.org>",
    "Subject: Notes",
    "Date: Mon, 2 Mar 2026 15:30:00 +0100",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8; format=flowed",
    "",
    "> 15:30 kubectl rollout undo deployment/hub ",
    "> --to-revision=3",
    "15:40 kubectl rollout status ",
    "deployment/hub",
    " From here on it was quiet",
    "",
)
Path("notes.eml").write_bytes("\r\n".join(LINES).encode())
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const mail = readFileSync('notes.eml');
const seen = { mailparser: (await simpleParser(mail)).text, 'postal-mime': (await PostalMime.parse(mail)).text };
console.log('guess: three lines, "> 15:30 kubectl rollout undo deployment/hub --to-revision=3" the first');
for (const [name, text] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${JSON.stringify(text.trim())}`);
const rest = '\n15:40 kubectl rollout status deployment/hub\nFrom here on it was quiet';
if (
  seen.mailparser.trim() !== `> 15:30 kubectl rollout undo deployment/hub --to-revision=3${rest}` ||
  seen['postal-mime'].trim() !== `> 15:30 kubectl rollout undo deployment/hub > --to-revision=3${rest}`
) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
from email import message_from_bytes
from email.policy import default
from importlib.metadata import version
from pathlib import Path

import mailparser

mail = Path("notes.eml").read_bytes()
seen = {
    f"mail-parser {version('mail-parser')}": mailparser.parse_from_bytes(mail).body,
    "email": message_from_bytes(mail, policy=default).get_content(),
}
for name, text in seen.items():
    print(f"{name}: {text.splitlines()}")
    assert len(text.splitlines()) == 5 and text.splitlines()[-1] == " From here on it was quiet", "it has changed"
PYTHON
