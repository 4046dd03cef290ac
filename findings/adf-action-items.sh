#!/usr/bin/env bash
# Guess: action items in Atlassian's document format (ADF) keep box, day, person and state as words, at least, when a
# converter makes Markdown of them; and a task list of Markdown becomes one of ADF.
# Seen: adf-to-md 1.2.1 drops the whole task list, and day, person and state from a line. adflux 0.3.1 keeps all in HTML
# comments, so that no page shows whether an item is done, or its day; and makes of `- [x]` a list item that says
# `<input … type="checkbox">` in letters. atlas-doc-parser 1.0.1 gives box, day and person, and marklassian 0.3.0 makes tasks.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'adflux==0.3.1' 'atlas-doc-parser==1.0.1' 'marklassian==0.3.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'adf-to-md@1.2.1'
cat >issue.json <<'JSON'
{"version": 1, "type": "doc", "content": [
  {"type": "taskList", "attrs": {"localId": "1"}, "content": [
    {"type": "taskItem", "attrs": {"localId": "2", "state": "DONE"}, "content": [{"type": "text", "text": "Alert on 5xx"}]}]},
  {"type": "paragraph", "content": [
    {"type": "text", "text": "Due "}, {"type": "date", "attrs": {"timestamp": "1774742400000"}},
    {"type": "text", "text": " by "}, {"type": "mention", "attrs": {"id": "7", "text": "@Ada"}},
    {"type": "text", "text": ": "}, {"type": "status", "attrs": {"text": "BLOCKED", "color": "red", "localId": "3"}}]}]}
JSON
cat >seen.py <<'SCRIPT'
import json
import re
from importlib.metadata import version

import adflux
from atlas_doc_parser.api import NodeDoc
from marklassian import markdown_to_adf

with open("issue.json") as file:
    issue = json.load(file)
shown = re.sub(r"<!--.*?-->", "", adflux.convert(json.dumps(issue), src="adf", dst="md"))
parsed = NodeDoc.from_dict(issue).to_markdown()
back = adflux.convert("- [x] Alert on 5xx\n", src="md", dst="adf")
tasks = json.dumps(markdown_to_adf("- [x] Alert on 5xx\n"))
print(f"adflux {version('adflux')}: {' '.join(shown.split())}")
print("  of - [x]:", json.loads(back)["content"])
print(f"atlas-doc-parser {version('atlas-doc-parser')}: {parsed!r}")
print(f"marklassian {version('marklassian')}: {tasks}")
assert "Alert on 5xx" in shown and "@Ada" in shown, "it has changed"
assert not any(word in shown for word in ("[x]", "DONE", "2026-03-29", "BLOCKED")), "it has changed"
assert "taskItem" not in back and "<input" in back, "it has changed"
assert all(word in parsed for word in ("[x] Alert on 5xx", "2026-03-29", "@Ada", "BLOCKED")), "it has changed"
assert '"state": "DONE"' in tasks, "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { convert } = require('adf-to-md');

const { result } = convert(JSON.parse(readFileSync('issue.json', 'utf8')));
console.log('adf-to-md', require('adf-to-md/package.json').version, JSON.stringify(result));
if (!result.includes('Due') || ['Alert', '2026', 'Ada', 'BLOCKED'].some((word) => result.includes(word))) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: [x] Alert on 5xx, and Due 2026-03-29 by @Ada: BLOCKED, in all'
venv/bin/python seen.py
node seen.cjs
