#!/usr/bin/env bash
# Guess: GitHub's rule for bare addresses links first_last@example.org as a whole; GFM allows "_" before the @.
# Seen, markdown-it-py 4.3.0 with the GFM plugin of mdit-py-plugins 0.7.0: only what follows the last underscore is the
# link, so a mail to on_call@example.org goes to call@example.org. The parser stops its text at each "_" for emphasis.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'markdown-it-py==4.3.0' 'mdit-py-plugins==0.7.0'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from markdown_it import MarkdownIt
from mdit_py_plugins.gfm import gfm_plugin

parser = MarkdownIt("commonmark")
gfm_plugin(parser)
seen = parser.render("Page on_call@example.org or on.call@example.org.")
print(f"markdown-it-py {version('markdown-it-py')}, mdit-py-plugins {version('mdit-py-plugins')}: bare addresses")
print('guess: href="mailto:on_call@example.org"')
print("seen: ", seen)
assert 'href="mailto:call@example.org"' in seen and "mailto:on_call@" not in seen, "it has changed"
assert 'href="mailto:on.call@example.org"' in seen, "it has changed"
PYTHON
