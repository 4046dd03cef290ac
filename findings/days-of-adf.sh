#!/usr/bin/env bash
# Guess: the day in an action item of Jira or Confluence (a `date` node of Atlassian's document format, milliseconds at midnight
# in UTC) is that day in the Markdown that a converter makes of it, in the item's line, wherever it runs.
# Seen: adf-to-markdown 1.0.1 writes it by zone and language of the process: "3/9/2026" in UTC, "3/8/2026" in Los Angeles, a day
# early. mdast-util-from-adf 2.1.1 writes the milliseconds, "1773014400000". pyadf 0.5.2 ends the item's line, and writes the
# day as a paragraph below it, with a time at midnight.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'pyadf==0.5.2'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'adf-to-markdown@1.0.1' 'mdast-util-from-adf@2.1.1' 'mdast-util-to-markdown@2.1.2' \
    'mdast-util-gfm@3.1.0'
cat >document.json <<'JSON'
{"version": 1, "type": "doc", "content": [{"type": "taskList", "attrs": {"localId": "a"}, "content": [
  {"type": "taskItem", "attrs": {"localId": "b", "state": "TODO"}, "content": [
    {"type": "text", "text": "Rotate keys by "}, {"type": "date", "attrs": {"timestamp": "1773014400000"}}]}]}]}
JSON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import adf from 'adf-to-markdown';
import { fromADF } from 'mdast-util-from-adf';
import { gfmToMarkdown } from 'mdast-util-gfm';
import { toMarkdown } from 'mdast-util-to-markdown';

const document = JSON.parse(readFileSync('document.json', 'utf8'));
const seen = {
  'adf-to-markdown': adf.convertADFToMarkdown(document).trim(),
  'mdast-util-from-adf': toMarkdown(fromADF(document), { extensions: [gfmToMarkdown()] }).trim(),
};
const day = process.env.TZ === 'UTC' ? '3/9/2026' : '3/8/2026';
const expected = {
  'adf-to-markdown': `- [ ] Rotate keys by ${day}`,
  'mdast-util-from-adf': '* [ ] Rotate keys by 1773014400000',
};
for (const [name, text] of Object.entries(seen)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  console.log(`${name} ${version}, in ${process.env.TZ}: ${text}`);
}
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

import pyadf

with open("document.json") as file:
    seen = pyadf.Document(json.load(file)).to_markdown()
print(f"pyadf {version('pyadf')}: {seen!r}")
assert [line.strip() for line in seen.splitlines() if line.strip()] == [
    "- [ ] Rotate keys by", "2026-03-09T00:00:00+00:00"
], "it has changed"  # fmt: skip
SCRIPT
echo 'guess: Rotate keys by 2026-03-09, or the 9th of March in other words, on one line'
for zone in UTC America/Los_Angeles; do
    TZ=$zone LC_ALL=en_US.UTF-8 node seen.mjs
done
venv/bin/python seen.py
