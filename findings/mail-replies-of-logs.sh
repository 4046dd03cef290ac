#!/usr/bin/env bash
# Guess: readers that cut the quoted mail off an answer give back what somebody wrote, and ports of one of them agree.
# Seen: of an answer that is lines of a log ("From: 10.0.0.1 …") email-reply-parser 0.5.12 for Python and planer 1.2.0 give
# nothing, as if it were the head of a mail. Notes that begin with "-- 03:10" are a signature for email-reply-parser for
# Python. The npm package email-reply-parser 2.3.7, of the same origin, and mail-parser-reply 1.36 keep both. Outlook's head
# in German is cut off by all but the Python port. Who takes notes for a timeline by mail loses them.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'email-reply-parser==0.5.12' 'mail-parser-reply==1.36'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'email-reply-parser@2.3.7' 'planer@1.2.0'
cat >mails.json <<'JSON'
{
  "log": "From: 10.0.0.1 to 10.0.0.2 packets were lost.\nThen it recovered.\n",
  "notes": "Rolled back at 03:05.\n\n-- 03:10 recovered\n-- 03:20 closed\n",
  "Outlook": "Done.\n\nVon: Desk <desk@example.org>\nGesendet: Montag, 30. März 2026 09:00\nAn: Ada\nBetreff: AI-3\n\nAI-3 is due.\n"
}
JSON
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

from email_reply_parser import EmailReplyParser
from mailparser_reply import EmailReplyParser as MailParserReply

with open("mails.json") as file:
    mails = json.load(file)
cut = {
    "email-reply-parser": EmailReplyParser.parse_reply,
    "mail-parser-reply": lambda text: MailParserReply(languages=["en", "de"]).parse_reply(text=text),
}
seen = {name: {kind: read(mail).strip() for kind, mail in mails.items()} for name, read in cut.items()}
for name, found in seen.items():
    print(f"{name} {version(name)} (Python): {found}")
whole = {kind: mails[kind].strip() for kind in ("log", "notes")}
assert seen["email-reply-parser"] == {
    "log": "", "notes": "Rolled back at 03:05.", "Outlook": mails["Outlook"].strip()
}, "it has changed"
assert seen["mail-parser-reply"] == {**whole, "Outlook": "Done."}, "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const EmailReplyParser = require('email-reply-parser');
const planer = require('planer');

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const mails = JSON.parse(readFileSync('mails.json', 'utf8'));
const Parser = EmailReplyParser.default ?? EmailReplyParser;
const cut = {
  'email-reply-parser': (mail) => new Parser().read(mail).getVisibleText(),
  planer: (mail) => planer.extractFrom(mail, 'text/plain'),
};
const whole = [mails.log.trim(), mails.notes.trim()];
const expected = { 'email-reply-parser': [...whole, 'Done.'], planer: ['', whole[1], 'Done.'] };
let changed = false;
for (const [name, read] of Object.entries(cut)) {
  const seen = Object.values(mails).map((mail) => read(mail).trim());
  console.log(`${name} ${version(name)} (npm): ${JSON.stringify(seen)}`);
  changed ||= JSON.stringify(seen) !== JSON.stringify(expected[name]);
}
if (changed) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: the log and the notes as they are, and Done.'
venv/bin/python seen.py
node seen.cjs
