#!/usr/bin/env bash
# What a chat shows of a list of action items, some of them done, when a bot passes GitHub's Markdown on to Telegram.
# Guess: an item that is not ticked looks open, whichever library makes Telegram's text of it; the boxes may be letters, [x] and [ ].
# Seen: telegramify-markdown 1.4.1 writes a white tick on green for a ticked item, and for an open one the sign U+2611, a box that has a
# tick in it as well: whoever reads the message finds nothing left to do. telegram-markdown-v2 0.0.4 leaves [x] and [ ] as they are.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'telegram-markdown-v2@0.0.4'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'telegramify-markdown==1.4.1'
printf -- '- [x] Alert\n- [ ] Rotate\n' >items.md
cat >seen.mjs <<'SCRIPT'
import assert from 'node:assert';
import { readFileSync } from 'node:fs';
import { convert } from 'telegram-markdown-v2';

const seen = convert(readFileSync('items.md', 'utf8')).replaceAll('\\', '').trim();
console.log(`telegram-markdown-v2 0.0.4: ${JSON.stringify(seen)}`);
assert.match(seen, /\[x\] Alert\n.*\[ \] Rotate$/);
SCRIPT
node seen.mjs
venv/bin/python - <<'PYTHON'
import unicodedata
from importlib.metadata import version
from pathlib import Path

import telegramify_markdown

text, _ = telegramify_markdown.convert(Path("items.md").read_text())
signs = {line.split(" ", 1)[1]: unicodedata.name(line[0]) for line in text.strip().splitlines()}
print("guess: a sign without a tick before Rotate")
print(f"telegramify-markdown {version('telegramify-markdown')}: {signs}")
assert signs == {"Alert": "WHITE HEAVY CHECK MARK", "Rotate": "BALLOT BOX WITH CHECK"}, "it has changed"
PYTHON
