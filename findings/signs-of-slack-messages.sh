#!/usr/bin/env bash
# Guess: a message as Slack's API and exports give it ("&lt;", "&gt;" and "&amp;" are escaped there, and nothing else) is shown
# with its signs by a library that makes HTML of Slack's own Markdown; within a word * and ~ are no marks, as in Slack.
# Seen, slack-markdown 0.3.0: it escapes once more, so people read "&lt;namespace&gt;" in letters; and `a*b*c` is bold in the
# middle, and of two ranges of times (15:30~15:40, 16:00~16:10) what lies between them is struck out. In backticks both stay.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'slack-markdown@0.3.0'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { toHTML } = require('slack-markdown');

const { version } = JSON.parse(readFileSync('node_modules/slack-markdown/package.json'));
const messages = ['pods of &lt;namespace&gt; gone', 'ran a*b*c', '15:30~15:40 down, 16:00~16:10 slow', '`a*b*c`'];
const seen = messages.map((message) => toHTML(message));
console.log(`slack-markdown ${version}`);
console.log(`guess: ${[...messages.slice(0, 3), '<code>a*b*c</code>'].join(' | ')}`);
console.log(`seen:  ${seen.join(' | ')}`);
const expected = [
  'pods of &amp;lt;namespace&amp;gt; gone',
  'ran a<strong>b</strong>c',
  '15:30<del>15:40 down, 16:00</del>16:10 slow',
  '<code>a*b*c</code>',
];
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
