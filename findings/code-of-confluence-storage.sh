#!/usr/bin/env bash
# Guess: a tool that turns HTML into Markdown or text keeps what a page of Confluence says when it is given its storage format:
# names with a colon are elements that it does not know, whose words stay.
# Seen: code stands in CDATA there, which is a comment to a reader of HTML. turndown 7.2.5 and inscriptis 2.7.6 drop it up to
# the first ">", html2text 2025.4.15 and html-to-text 10.0.1 drop all of it; markdownify 1.2.3 has it in the line before. The
# rest is joined with parameters and states: "log12completeRotate keys" is code, the number of a task, that it is done, its
# text; its day, an attribute, is gone with all of them. An XML parser reads the page as it is.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'markdownify==1.2.3' 'html2text==2025.4.15' 'inscriptis==2.7.6'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'turndown@7.2.5' 'html-to-text@10.0.1'
cat >page.xml <<'XML'
<p>Run:</p><ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[kubectl get pods -> wait > log]]></ac:plain-text-body></ac:structured-macro><ac:task-list><ac:task><ac:task-id>12</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body><span>Rotate keys <time datetime="2026-03-09" /></span></ac:task-body></ac:task></ac:task-list>
XML
cat >seen.py <<'SCRIPT'
from importlib.metadata import version
from pathlib import Path

import html2text
import inscriptis
import markdownify

page = Path("page.xml").read_text()
readers = {"markdownify": markdownify.markdownify, "html2text": html2text.html2text, "inscriptis": inscriptis.get_text}
expected = {
    "markdownify": "Run: kubectl get pods -> wait > log12completeRotate keys",
    "html2text": "Run: 12completeRotate keys",
    "inscriptis": "Run: wait > log]]>12complete Rotate keys",
}
for name, read in readers.items():
    seen = " ".join(read(page).split())
    print(f"{name} {version(name)}: {seen}")
    assert seen == expected[name], "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const Turndown = require('turndown');
const { convert } = require('html-to-text');

const page = readFileSync('page.xml', 'utf8');
const seen = { turndown: new Turndown().turndown(page), 'html-to-text': convert(page) };
const expected = { turndown: 'Run: wait > log\\]\\]>12completeRotate keys', 'html-to-text': 'Run: 12completeRotate keys' };
for (const [name, text] of Object.entries(seen)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  seen[name] = text.split(/\s+/).join(' ').trim();
  console.log(`${name} ${version}: ${seen[name]}`);
}
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: Run: kubectl get pods -> wait > log, and the task apart from it'
venv/bin/python seen.py
node seen.cjs
