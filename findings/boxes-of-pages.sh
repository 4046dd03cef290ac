#!/usr/bin/env bash
# Which action items of a report are done, and which step of a runbook is which, once a page of it (GitHub's own HTML of a task list, and
# numbered steps) is made Markdown or text again: for an archive, a mail, a chat, or a language model that is asked what is open.
# Guess: a box is [x] or [ ] in Markdown, or some sign in text, and steps that begin at 4 begin at 4, whichever library does it.
# Seen: of six none writes the box, so that open and done items are the same: turndown 7.2.5, node-html-markdown 2.0.0, html-to-text
# 10.0.1, markdownify 1.2.3, html2text 2025.4.15, inscriptis 2.7.6. Steps begin at 1 again for node-html-markdown and inscriptis, and
# of one that says itself that it is 7 (`value`) inscriptis alone says so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'turndown@7.2.5' 'node-html-markdown@2.0.0' 'html-to-text@10.0.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'markdownify==1.2.3' 'html2text==2025.4.15' 'inscriptis==2.7.6'
cat >report.html <<'HTML'
<ol start="4"><li>Undrain</li><li value="7">Close</li></ol>
<p>Items</p>
<ul class="contains-task-list">
<li class="task-list-item"><input type="checkbox" class="task-list-item-checkbox" disabled checked> Alert</li>
<li class="task-list-item"><input type="checkbox" class="task-list-item-checkbox" disabled> Drill</li>
</ul>
HTML
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const Turndown = require('turndown');
const { NodeHtmlMarkdown } = require('node-html-markdown');
const { convert } = require('html-to-text');

const page = readFileSync('report.html', 'utf8');
const seen = {
  turndown: new Turndown().turndown(page),
  'node-html-markdown': NodeHtmlMarkdown.translate(page),
  'html-to-text': convert(page),
};
writeFileSync('seen.json', JSON.stringify(seen));
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
import re
from pathlib import Path

import html2text
import inscriptis
import markdownify

page = Path("report.html").read_text()
seen = json.loads(Path("seen.json").read_text())
seen["markdownify"] = markdownify.markdownify(page)
seen["html2text"] = html2text.html2text(page)
seen["inscriptis"] = inscriptis.get_text(page)
numbers = {}
for name, text in seen.items():
    # What stands before an item: a number, or the sign of a list and whatever tells a box.
    before = {item: re.search(rf"^\s*(.*?)\s*{item}", text, re.MULTILINE).group(1) for item in ("Undrain", "Close", "Alert", "Drill")}
    print(f"{name}: {before}")
    assert before["Alert"] == before["Drill"] in ("-", "*"), "it has changed"
    numbers[name] = [int(before[item].strip(".")) for item in ("Undrain", "Close")]
print("guess: [x] and [ ], and 4 and 7, of each")
four = ["turndown", "html-to-text", "markdownify", "html2text"]
assert numbers == {**dict.fromkeys(four, [4, 5]), "node-html-markdown": [1, 2], "inscriptis": [1, 7]}, "it has changed"
PYTHON
