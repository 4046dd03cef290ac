#!/usr/bin/env bash
# Guess: owners in Textile, "(@ben)" below one item and "(@ana)" below the next, are names: code lies between two @ that touch
# it, and readers of Textile agree on where it ends.
# Seen: textile 4.0.4 for Python and pandoc 3.9 take all from the first @ to the second for code, over the end of a line; of two
# items textile makes one. textile-js 2.1.1 leaves names as they are. We give the library the first sign as a character.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'textile==4.0.4' 'pypandoc_binary==1.17'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'textile-js@2.1.1'
printf '* Rotate (@ben)\n* Alert (@ana)\n' >items.textile
cat >seen.py <<'SCRIPT'
from importlib.metadata import version

import pypandoc
import textile

with open("items.textile") as file:
    text = file.read()
made = {"textile": textile.textile(text), "pandoc": pypandoc.convert_text("@ana paged @ben", "html", format="textile")}
print("textile", version("textile"), made["textile"])
print("pandoc", pypandoc.get_pandoc_version(), made["pandoc"])
assert made["textile"].count("<li>") == 1 and "<code>ben)" in made["textile"], "it has changed"
assert "<code>ana paged </code>ben" in made["pandoc"], "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const textile = require('textile-js');

const seen = textile(readFileSync('items.textile', 'utf8'));
console.log('textile-js', JSON.parse(readFileSync('node_modules/textile-js/package.json')).version, seen);
if (seen.includes('<code>') || seen.split('<li>').length !== 3) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: two items with (@ben) and (@ana), and no code'
venv/bin/python seen.py
node seen.cjs
