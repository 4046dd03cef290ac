#!/usr/bin/env bash
# Guess: what an outage cost stays words in Notion: of two prices GitHub makes no formula, as one does not end behind a blank
# or before a digit. A numbered item with a box is one to tick, as it is on GitHub.
# Seen, @tryfabric/martian 1.2.4: of "$400 an hour, then $90" all up to the second sign is an equation. Of `1. [x] Alert` and
# `1. [ ] Alert` it makes the same numbered item, without a box; `- [x]` becomes a to-do that is ticked.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@tryfabric/martian@1.2.4'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { markdownToBlocks } = require('@tryfabric/martian');

const { version } = JSON.parse(readFileSync('node_modules/@tryfabric/martian/package.json'));
const told = (markdown) => {
  const [block] = markdownToBlocks(markdown);
  const { rich_text: words, checked } = block[block.type];
  return [block.type, checked ?? 'no box', ...words.map((each) => `${each.type}: ${each[each.type].content ?? each[each.type].expression}`)].join(', ');
};
const seen = ['It cost $400 an hour, then $90.', '1. [x] Alert', '1. [ ] Alert', '- [x] Alert'].map(told);
console.log(`@tryfabric/martian ${version}`);
console.log('guess: text alone; ticked; not ticked; ticked');
for (const each of seen) console.log(`seen:  ${each}`);
const expected = [
  'paragraph, no box, text: It cost , equation: 400 an hour, then , text: 90.',
  'numbered_list_item, no box, text: Alert',
  'numbered_list_item, no box, text: Alert',
  'to_do, true, text: Alert',
];
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
