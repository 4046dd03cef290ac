#!/usr/bin/env bash
# Guess: steps of a report in GitHub's Markdown keep in Slack's blocks the command that stands below a step, and their number where they
# begin at 4, and a list in a quote its words; two libraries by one name ("and back") make of it the same, each in its language.
# Seen: markdown-to-slack-blocks 1.5.0 for Node.js drops the command without a word, begins at 1, and makes an empty quote of the list.
# markdown-to-slack-blocks 1.3.1 for Python has all three; of boxes both leave nothing, so that open and done are the same.
# slack-blocks-markdown 0.2.1 joins the command to the step's words.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'markdown-to-slack-blocks@1.5.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'markdown-to-slack-blocks==1.3.1' 'slack-blocks-markdown==0.2.1'
cat >report.md <<'MARKDOWN'
4. Roll back:

   ```
   kubectl rollout undo deployment/hub
   ```

5. Watch the queue

> - Page the owner

- [x] Rotate the key
- [ ] Add an alert
MARKDOWN
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { markdownToBlocks } = require('markdown-to-slack-blocks');

const blocks = markdownToBlocks(readFileSync('report.md', 'utf8'));
const text = JSON.stringify(blocks);
const [steps] = blocks.flatMap(({ elements }) => elements).filter(({ style }) => style === 'ordered');
const words = ['undo', 'queue', 'Page', 'Rotate', '[x]'].filter((each) => text.includes(each));
const seen = `${words.join(' ')}, from ${(steps.offset ?? 0) + 1}`;
const { version } = JSON.parse(readFileSync('node_modules/markdown-to-slack-blocks/package.json'));
console.log('guess: undo queue Page Rotate, and the box or a sign for it, from 4');
console.log(`markdown-to-slack-blocks ${version} for Node.js: ${seen}`);
if (seen !== 'queue Rotate, from 1') {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import markdown_to_slack_blocks
import slack_blocks_markdown

WORDS = ("undo", "queue", "Page", "Rotate", "[x]")
report = Path("report.md").read_text()
by_name = markdown_to_slack_blocks.markdown_to_blocks(report)
text = json.dumps(by_name)
words = [each for each in WORDS if each in text]
(steps, *_) = (part for block in by_name for part in block["elements"] if part.get("style") == "ordered")
print(f"markdown-to-slack-blocks {version('markdown-to-slack-blocks')} for Python: {words}, from {steps['offset'] + 1}")
assert words == ["undo", "queue", "Page", "Rotate"] and steps["offset"] == 3, "it has changed"
(first, *_) = slack_blocks_markdown.markdown_to_blocks(report)
step = "".join(each["text"] for each in first["elements"][0]["elements"][0]["elements"])
print(f"slack-blocks-markdown {version('slack-blocks-markdown')}: {step!r}")
assert step == "Roll back:kubectl rollout undo deployment/hub\n", "it has changed"
PYTHON
