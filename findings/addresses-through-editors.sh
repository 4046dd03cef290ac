#!/usr/bin/env bash
# Guess: an address in the text of a page (no link, as people paste them) leads on GitHub where it led, once an editor or a converter has
# made Markdown of it: GitHub makes links of bare addresses, and what is escaped with a backslash is the sign itself.
# Seen, with cmarkgfm 2025.10.22, GitHub's own parser, which takes the backslash for a part of an address (%5C): runs/a_b of turndown 7.2.5,
# node-html-markdown 2.0.0, @lexical/markdown 0.52.0 and markdownify 1.2.3 leads nowhere. rehype-remark with remark-gfm writes
# "https\://", which is no link. html2text 2025.4.15 and remark-stringify 11.0.0 alone keep it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'turndown@7.2.5' 'node-html-markdown@2.0.0' 'lexical@0.52.0' '@lexical/markdown@0.52.0' \
  '@lexical/headless@0.52.0' '@lexical/list@0.52.0' '@lexical/rich-text@0.52.0' '@lexical/code@0.52.0' '@lexical/link@0.52.0' \
  'unified@11.0.5' 'rehype-parse@9.0.1' 'rehype-remark@10.0.1' 'remark-stringify@11.0.0' 'remark-gfm@4.0.1'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'cmarkgfm==2025.10.22' 'markdownify==1.2.3' 'html2text==2025.4.15'
cat >write.mjs <<'SCRIPT'
import { readFileSync, writeFileSync } from 'node:fs';
import { CodeNode } from '@lexical/code';
import { createHeadlessEditor } from '@lexical/headless';
import { LinkNode } from '@lexical/link';
import { ListItemNode, ListNode } from '@lexical/list';
import { $convertFromMarkdownString, $convertToMarkdownString, TRANSFORMERS } from '@lexical/markdown';
import { HeadingNode, QuoteNode } from '@lexical/rich-text';
import { NodeHtmlMarkdown } from 'node-html-markdown';
import rehypeParse from 'rehype-parse';
import rehypeRemark from 'rehype-remark';
import remarkGfm from 'remark-gfm';
import remarkStringify from 'remark-stringify';
import TurndownService from 'turndown';
import { unified } from 'unified';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const text = 'See https://example.org/runs/a_b now';
const html = `<p>${text}</p>`;
const byLexical = () => {
  const editor = createHeadlessEditor({ nodes: [ListNode, ListItemNode, HeadingNode, QuoteNode, CodeNode, LinkNode] });
  editor.update(() => $convertFromMarkdownString(text, TRANSFORMERS), { discrete: true });
  return editor.getEditorState().read(() => $convertToMarkdownString(TRANSFORMERS));
};
const plain = unified().use(rehypeParse).use(rehypeRemark);
const written = {
  turndown: new TurndownService().turndown(html),
  'node-html-markdown': NodeHtmlMarkdown.translate(html),
  '@lexical/markdown': byLexical(),
  'remark-stringify': String(plain().use(remarkStringify).processSync(html)),
  'remark-gfm': String(plain().use(remarkGfm).use(remarkStringify).processSync(html)),
};
const named = Object.entries(written).map(([name, markdown]) => [name, [version(name), markdown.trim()]]);
writeFileSync('written.json', JSON.stringify(Object.fromEntries(named)));
SCRIPT
node write.mjs
venv/bin/python - <<'PYTHON'
import json
import re
from importlib.metadata import version
from pathlib import Path

import cmarkgfm
import html2text
import markdownify

ADDRESS = "https://example.org/runs/a_b"
page = f"<p>See {ADDRESS} now</p>"
written = json.loads(Path("written.json").read_text())
written["markdownify"] = version("markdownify"), markdownify.markdownify(page).strip()
written["html2text"] = version("html2text"), html2text.html2text(page).strip()
print(f"cmarkgfm {version('cmarkgfm')}, guess: each leads to {ADDRESS}")
seen = {}
for name, (its_version, markdown) in written.items():
    seen[name] = re.findall('href="([^"]*)"', cmarkgfm.github_flavored_markdown_to_html(markdown))
    print(f"{name} {its_version}: {markdown!r} leads to {seen[name]}")
nowhere = ["https://example.org/runs/a%5C_b"]
assert seen == {
    "turndown": nowhere,
    "node-html-markdown": nowhere,
    "@lexical/markdown": nowhere,
    "remark-stringify": [ADDRESS],
    "remark-gfm": [],
    "markdownify": nowhere,
    "html2text": [ADDRESS],
}, "it has changed"
PYTHON
