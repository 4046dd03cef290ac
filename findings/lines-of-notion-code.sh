#!/usr/bin/env bash
# Guess: a command that stands on one line of a code block in Notion is one line in Markdown; what was made bold in it is
# another piece of its text and no line of its own, as it is in paragraphs.
# Seen, notion-to-md 3.1.9: each piece of a code block becomes a line. `helm rollback data8 3` with "data8" in bold arrives as
# three lines, which a shell takes for three commands. A paragraph with the same pieces stays one line.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'notion-to-md@3.1.9'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { NotionToMarkdown } = require('notion-to-md');

const { version } = JSON.parse(readFileSync('node_modules/notion-to-md/package.json'));
const plain = { bold: false, italic: false, strikethrough: false, underline: false, code: false, color: 'default' };
const piece = (content, look = {}) => ({
  type: 'text',
  text: { content, link: null },
  annotations: { ...plain, ...look },
  plain_text: content,
  href: null,
});
const rich_text = [piece('helm rollback '), piece('data8', { bold: true }), piece(' 3')];
const block = (type, more) => ({ object: 'block', id: type, type, has_children: false, [type]: { rich_text, ...more } });
(async () => {
  const reader = new NotionToMarkdown({ notionClient: {} });
  const blocks = await reader.blocksToMarkdown([block('code', { language: 'shell', caption: [] }), block('paragraph', {})]);
  const seen = blocks.map((each) => each.parent.trim());
  console.log(`notion-to-md ${version}`);
  console.log('guess: "```shell\\nhelm rollback data8 3\\n```"');
  for (const each of seen) console.log(`seen:  ${JSON.stringify(each)}`);
  const expected = ['```shell\nhelm rollback \ndata8\n 3\n```', 'helm rollback **data8** 3'];
  if (JSON.stringify(seen) !== JSON.stringify(expected)) {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
node seen.cjs
