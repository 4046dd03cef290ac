#!/usr/bin/env bash
# Guess: what takes the text out of a page for reading or for a language model keeps a report's timeline and action items:
# they are the report, and stand in its <article>.
# Seen: an item list whose words are links to tickets counts as a menu. trafilatura 2.3.1 drops it; readability-lxml 0.9 and
# Resiliparse 2.0.1 drop it and a short list of times; goose3 3.1.22 drops all lists, tables and code, and keeps paragraphs.
# Only @mozilla/readability 0.6.0, Firefox's own, keeps everything; no reader keeps which box was ticked.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
# One after another: each asks for the same extra of lxml by another spelling, which older versions of pip stumble over.
for package in 'lxml-html-clean==0.4.6' 'trafilatura==2.3.1' 'readability-lxml==0.9' 'resiliparse==2.0.1' 'goose3==3.1.22'; do
    venv/bin/python -m pip --quiet --disable-pip-version-check install "$package"
done
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@mozilla/readability@0.6.0' 'jsdom@29.1.1'
cat >page.html <<'HTML'
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Hub down after a merge</title></head><body>
<header><nav><a href="/">Reports</a></nav></header><main><article><h1>Hub down after a merge</h1>
<p>On 25 January 2018 the hub was down for students in the labs for about an hour. A chart upgrade that was meant for another
course was deployed to production in the middle of the labs.</p>
<h2>Impact</h2><p>About three hundred students could not work in their labs between 15:30 and 16:40, and instructors had to change
their plans.</p>
<h2>Timeline</h2><table><tr><th>Time</th><th>What</th></tr><tr><td>15:30</td><td>Deploy begins</td></tr>
<tr><td>15:35</td><td>First alert</td></tr><tr><td>16:05</td><td>Rolled back</td></tr></table>
<h2>Notes</h2><ul><li>15:31 page</li><li>15:40 call</li></ul>
<h2>Action items</h2><ul><li><input type="checkbox" checked disabled> <a href="/AI-3">AI-3 know the policy</a></li>
<li><input type="checkbox" disabled> <a href="/AI-4">AI-4 show the target</a></li></ul>
<h2>Lessons</h2><p>Nobody looked at staging before the merge, and nothing asked for it. The pipeline now asks the gate before it
deploys to any of the hubs.</p></article></main><footer>Made with care</footer></body></html>
HTML
cat >seen.py <<'SCRIPT'
from importlib.metadata import version
from pathlib import Path

import trafilatura
from goose3 import Goose
from readability import Document
from resiliparse.extract.html2text import extract_plain_text

page = Path("page.html").read_text()
KEPT = {"table": "First alert", "times": "15:40 call", "items": "AI-4 show the target"}
texts = {
    "trafilatura": trafilatura.extract(page, output_format="markdown"),
    "readability-lxml": Document(page).summary(),
    "resiliparse": extract_plain_text(page, main_content=True),
    "goose3": Goose().extract(raw_html=page).cleaned_text,
}
expected = {"trafilatura": ["table", "times"], "readability-lxml": ["table"], "resiliparse": ["table"], "goose3": []}
for name, text in texts.items():
    assert "Nobody looked at staging" in text, "it has changed"
    seen = [what for what, words in KEPT.items() if words in text]
    print(f"{name} {version(name)} keeps {', '.join(seen) or 'none of them'}")
    assert seen == expected[name], "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { Readability } = require('@mozilla/readability');
const { JSDOM } = require('jsdom');

const { version } = JSON.parse(readFileSync('node_modules/@mozilla/readability/package.json'));
const { content } = new Readability(new JSDOM(readFileSync('page.html', 'utf8')).window.document).parse();
const seen = ['First alert', '15:40 call', 'AI-4 show the target'].map((words) => content.includes(words));
console.log(`@mozilla/readability ${version} keeps all: ${seen.every(Boolean)}; boxes: ${content.includes('checkbox')}`);
if (!seen.every(Boolean) || content.includes('checkbox')) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: the table, the times and the items, from all'
venv/bin/python seen.py
node seen.cjs
