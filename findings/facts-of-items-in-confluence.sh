#!/usr/bin/env bash
# Guess: owner and day in a list below an action item ("1. …", and three blanks before "- Owner: …", as GitHub reads it) are
# a list below it in Confluence, too, when markdown-to-confluence puts the file there; it takes GitHub's alerts and boxes.
# Seen, markdown-to-confluence 0.6.5: it reads lists by Python-Markdown's rule of four blanks. The facts flow into the item:
# one line that says "Rotate keys - Owner: ada - Due: …". Below the tenth item, with its four blanks, they are a list.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'markdown-to-confluence==0.6.5' 'markdown==3.11.3' \
    'cmarkgfm==2025.10.22'
cd "$folder"
cat >report.md <<'MARKDOWN'
<!-- confluence-page-id: 1 -->
# Outage

9. Rotate keys
   - Owner: ada
10. Alert on 5xx
    - Owner: ben
MARKDOWN
venv/bin/python -m md2conf -d example.org -p /wiki/ -s OPS --local report.md 2>log || { cat log; exit 1; }
venv/bin/python - <<'PYTHON'
from importlib.metadata import version
from pathlib import Path

import cmarkgfm

text = Path("report.md").read_text()
guess = cmarkgfm.github_flavored_markdown_to_html(text).count("<ul>")
page = Path("report.csf").read_text().partition("<ol")[2]
print(f"markdown-to-confluence {version('markdown-to-confluence')}: <ol{page}")
print(f"guess: {guess} lists in the list, as cmarkgfm {version('cmarkgfm')}")
print(f"seen:  {page.count('<ul>')}")
assert guess == 2 and page.count("<ul>") == 1 and "Rotate keys - Owner: ada" in page, "it has changed"
PYTHON
