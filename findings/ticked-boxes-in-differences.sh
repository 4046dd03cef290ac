#!/usr/bin/env bash
# Guess: what shows a page's differences, for who reviews a report, marks an action item as changed whose box was ticked since; and a link
# whose words stay and whose address is another one.
# Seen: lxml 6.1.3 (lxml.html.diff), htmldiff-js 1.0.5 and node-htmldiff 0.9.4 show the new page as it is: a box is a tag, and of tags
# they compare the kind. What is left open and what is done look as if nothing had happened. Of the link htmldiff-js says nothing
# either; lxml and node-htmldiff mark it. Words next to it, 15:30 and 15:45, are marked by all of them.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'htmldiff-js@1.0.5' 'node-htmldiff@0.9.4'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'lxml==6.1.3'
cat >pages.json <<'JSON'
[
  ["<ul><li><input type=\"checkbox\" disabled> Rotate keys</li></ul>", "<ul><li><input type=\"checkbox\" disabled checked> Rotate keys</li></ul>"],
  ["<p>See <a href=\"https://example.org/1\">the run</a></p>", "<p>See <a href=\"https://example.org/2\">the run</a></p>"],
  ["<p>15:30 Deploy</p>", "<p>15:45 Deploy</p>"]
]
JSON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const htmldiff = require('htmldiff-js').default;
const nodeHtmldiff = require('node-htmldiff');

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const marks = (compare) => JSON.parse(readFileSync('pages.json')).map(([before, after]) => /<(ins|del)[ >]/.test(compare(before, after)));
const seen = { 'htmldiff-js': marks((...pages) => htmldiff.execute(...pages)), 'node-htmldiff': marks(nodeHtmldiff) };
console.log('guess: marks at a box that was ticked, at a link, and at a time');
for (const [name, found] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${found.join(', ')}`);
if (Object.values(seen).join(' ') !== 'false,false,true false,true,true') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
import re
from importlib.metadata import version
from pathlib import Path

from lxml.html.diff import htmldiff

seen = [bool(re.search("<(ins|del)[ >]", htmldiff(*pages))) for pages in json.loads(Path("pages.json").read_text())]
print(f"lxml {version('lxml')}: {seen}")
assert seen == [False, True, True], "it has changed"
PYTHON
