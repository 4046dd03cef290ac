#!/usr/bin/env bash
# Guess: an Adaptive Card shows {{DATE(…)}} and {{TIME(…)}} of any time by ISO 8601 in the reader's zone; and a template that
# is filled with an item that has no due date shows a card without one.
# Seen, adaptivecards 3.0.6: a time with a fraction, as JavaScript's own toISOString() writes each, one without seconds, and a
# day alone are shown in letters, braces and all. adaptivecards-templating 2.3.1 makes no card at all of "due ${due}" where
# due is null, and raises what names neither field nor value; where there is no such field it leaves "${due}".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'adaptivecards@3.0.6' 'adaptivecards-templating@2.3.1' 'adaptive-expressions@4.23.3' 'jsdom@29.1.1'
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { JSDOM } = require('jsdom');

const { window } = new JSDOM('<body></body>');
Object.assign(globalThis, { window, document: window.document, HTMLElement: window.HTMLElement });
const { AdaptiveCard } = require('adaptivecards/dist/adaptivecards.js');
const { Template } = require('adaptivecards-templating/dist/adaptivecards-templating.js');

AdaptiveCard.onProcessMarkdown = (text, result) => Object.assign(result, { outputHtml: text, didProcess: true });
const shown = (text) => {
  const card = new AdaptiveCard();
  card.parse({ type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text }] });
  return card.render().textContent;
};
const filled = (data) => {
  try {
    return new Template({ text: 'due ${due}' }).expand({ $root: data }).text;
  } catch (fault) {
    return fault.message;
  }
};
for (const name of ['adaptivecards', 'adaptivecards-templating']) {
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version);
}
const times = ['2026-03-29T09:00:00Z', '2026-03-29T09:00:00.000Z', '2026-03-29T09:00Z', '2026-03-29'];
const seen = times.map((time) => shown(`{{DATE(${time},SHORT)}}`));
const cards = [filled({ due: '2026-03-29' }), filled({ due: null }), filled({})];
console.log('guess: Sun, Mar 29, 2026 four times; a card for each item');
console.log(`seen:  ${seen.join(' | ')}`);
console.log(`       ${cards.join(' | ')}`);
const raw = times.slice(1).map((time) => `{{DATE(${time},SHORT)}}`);
const refused = "Cannot read properties of null (reading 'toString')";
const expected = [['Sun, Mar 29, 2026', ...raw], ['due 2026-03-29', refused, 'due ${due}']];
if (JSON.stringify([seen, cards]) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
TZ=UTC LANG=en_US.UTF-8 node seen.cjs
