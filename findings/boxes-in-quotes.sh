#!/usr/bin/env bash
# Guess: action items in a quote (`> - [x] Rotate`) are boxes as elsewhere; and where readers of GitHub's Markdown differ on
# boxes, cmarkgfm, which is GitHub's own parser, shows what the others should.
# Seen: cmarkgfm 2025.10.22 leaves "[x]" in letters in a quote, and makes boxes of the same list below it; comrak 0.0.16,
# marko 2.2.4, mistune 3.4.0, marked 18.2.1 and remark-gfm 4.0.1 make boxes in both.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'cmarkgfm==2025.10.22' 'comrak==0.0.16' 'marko==2.2.4' 'mistune==3.4.0'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'marked@18.2.1' 'unified@11.0.5' 'remark-parse@11.0.0' 'remark-gfm@4.0.1' 'remark-rehype@11.1.2' \
    'rehype-stringify@10.0.1'
printf '> - [x] Rotate\n> - [ ] Alert\n\nBelow it:\n\n- [x] Rotate\n- [ ] Alert\n' >items.md
cat >seen.py <<'SCRIPT'
from importlib.metadata import version
from pathlib import Path

import cmarkgfm
import comrak
import marko
import mistune

options = comrak.ExtensionOptions()
options.tasklist = True
READERS = {
    "cmarkgfm": cmarkgfm.github_flavored_markdown_to_html,
    "comrak": lambda text: comrak.render_markdown(text, extension_options=options),
    "marko": marko.Markdown(extensions=["gfm"]),
    "mistune": mistune.create_markdown(plugins=["task_lists"]),
}
text = Path("items.md").read_text()
for name, read in READERS.items():
    quoted, _, below = read(text).partition("Below it:")
    seen = (quoted.count("<input"), below.count("<input"))
    print(f"{name} {version(name)}: {seen[0]} boxes in the quote, {seen[1]} below it")
    assert seen == ((0, 2) if name == "cmarkgfm" else (2, 2)), "it has changed"
SCRIPT
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import { marked } from 'marked';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';

const text = readFileSync('items.md', 'utf8');
const remark = unified().use(remarkParse).use(remarkGfm).use(remarkRehype).use(rehypeStringify);
for (const [name, html] of [['marked', marked.parse(text)], ['remark-gfm', String(remark.processSync(text))]]) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  const seen = html.split('Below it:').map((part) => part.split('<input').length - 1);
  console.log(`${name} ${version}: ${seen[0]} boxes in the quote, ${seen[1]} below it`);
  if (seen.join() !== '2,2') {
    console.error('it has changed');
    process.exitCode = 1;
  }
}
SCRIPT
echo 'guess: 2 boxes in the quote, 2 below it'
venv/bin/python seen.py
node seen.mjs
