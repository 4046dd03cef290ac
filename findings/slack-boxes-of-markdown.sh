#!/usr/bin/env bash
# Guess: a list of action items in GitHub's Markdown says in Slack, too, what is done, and whose each is; numbers stay.
# Seen: slackify-markdown 4.5.0 writes "•   Alert" for `- [x] Alert` and for `- [ ] Alert` alike; 5.0.0 leaves the box as it is
# written. @tryfabric/mack 1.2.1 drops the box, too, and the list below an item (its owner), and begins a list at 1 that
# begins at 3. Our messages go through neither; who sends an exported report on does.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'slackify-markdown@5.0.0' 'slackify-old@npm:slackify-markdown@4.5.0' \
    '@tryfabric/mack@1.2.1'
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import mack from '@tryfabric/mack';
import { slackifyMarkdown } from 'slackify-markdown';
import slackifyOld from 'slackify-old';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
const texts = [
  '- [x] Alert\n- [ ] Rotate\n  - Owner: ada\n',
  '3. Alert\n4. Rotate\n',
];
const blocks = async (text) => (await mack.markdownToBlocks(text)).map((block) => block.text.text).join('\n');
const seen = {
  'slackify-old': texts.map((text) => slackifyOld(text).trim()),
  'slackify-markdown': texts.map((text) => slackifyMarkdown(text).trim()),
  '@tryfabric/mack': [await blocks(texts[0]), await blocks(texts[1])],
};
console.log('guess: a sign for done and one for open, ada, 3 and 4');
for (const [name, said] of Object.entries(seen)) console.log(`${name} ${version(name)}: ${JSON.stringify(said)}`);
const expected = {
  'slackify-old': ['•   Alert\n•   Rotate\n    •   Owner: ada', '3.  Alert\n4.  Rotate'],
  'slackify-markdown': ['•   [x] Alert\n•   [ ] Rotate\n    •   Owner: ada', '3.  Alert\n4.  Rotate'],
  '@tryfabric/mack': ['• Alert\n• Rotate', '1. Alert\n2. Rotate'],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
