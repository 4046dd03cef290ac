#!/usr/bin/env bash
# What a channel of Slack sees of action items whose owner and day stand in a list below each, as postmortems on GitHub often have them,
# and of a runbook's steps with a command in them, when a bot makes Block Kit of the Markdown.
# Guess: @tryfabric/mack keeps the words: a list in a list is deeper, or follows; a step's command is a block; steps that begin at 3 do.
# Seen, @tryfabric/mack 1.2.1: what stands below an item is left out without a word, list, paragraph and command alike, so that nobody
# owns anything and no day is set; steps begin at 1. Boxes are gone as well: done and open items are the same.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@tryfabric/mack@1.2.1'
cat >report.md <<'MD'
- [ ] Rotate the key
  - Owner: Ana
  - Due: 2026-03-09
- [x] Alert

3. Undrain

   ```
   kubectl uncordon node1
   ```
4. Close
MD
cat >seen.cjs <<'SCRIPT'
const assert = require('node:assert');
const { readFileSync } = require('node:fs');
const { markdownToBlocks } = require('@tryfabric/mack');

(async () => {
  const blocks = await markdownToBlocks(readFileSync('report.md', 'utf8'));
  const seen = blocks.map((block) => block.text.text);
  console.log('guess: Ana, 2026-03-09, uncordon, and steps 3 and 4');
  console.log('@tryfabric/mack 1.2.1:', seen);
  assert.deepEqual(seen, ['• Rotate the key\n• Alert', '1. Undrain\n2. Close']);
})();
SCRIPT
node seen.cjs
