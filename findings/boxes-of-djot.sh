#!/usr/bin/env bash
# Guess: a task list of djot is one for pandoc, which reads djot itself, as it is for djot's own library: the notation names them, and pandoc
# has them in its Markdown.
# Seen: pandoc 3.9 (pypandoc-binary 1.17) leaves "[X]" and "[ ]" in letters, escaped in GitHub's Markdown, so that nothing is open or done
# there. What @djot/djot 0.3.2 gives to pandoc as JSON has boxes, in Markdown and on the page. Lists that begin at 4 and names with their
# definitions are kept on both ways.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund '@djot/djot@0.3.2'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'pypandoc_binary==1.17'
printf -- '- [X] Rotate the key\n- [ ] Add an alert\n\n4. Drain\n5. Roll back\n\n: Owner\n\n  Ana\n' >report.djot
cat >parsed.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { parse, toPandoc } = require('@djot/djot');

writeFileSync('report.json', JSON.stringify(toPandoc(parse(readFileSync('report.djot', 'utf8')))));
SCRIPT
node parsed.cjs
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import pypandoc

seen = {kind: pypandoc.convert_file(f"report.{kind}", "gfm", format=kind).split("\n") for kind in ("djot", "json")}
own = json.loads(Path("node_modules/@djot/djot/package.json").read_text())["version"]
print("guess: - [x] Rotate the key, and - [ ] Add an alert, of both")
print(f"pandoc {pypandoc.get_pandoc_version()} (pypandoc_binary {version('pypandoc_binary')}): {seen['djot'][:2]}")
print(f"@djot/djot {own} and pandoc: {seen['json'][:2]}")
assert seen["djot"][:2] == [r"- \[X\] Rotate the key", r"- \[ \] Add an alert"], "it has changed"
assert seen["json"][:2] == ["- [x] Rotate the key", "- [ ] Add an alert"], "it has changed"
for lines in seen.values():
    assert "4.  Drain" in lines and "Ana" in lines, "it has changed"
PYTHON
