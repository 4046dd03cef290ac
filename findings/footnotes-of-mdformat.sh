#!/usr/bin/env bash
# Guess: mdformat with its plugin for GitHub's Markdown leaves what a report says on GitHub as it is: it only lays out text,
# and checks that nothing is shown otherwise. Footnotes are GitHub's Markdown.
# Seen, mdformat 1.0.0 and mdformat-gfm 1.0.0: brackets of a note are escaped, so that GitHub shows no footnote: the note is a
# paragraph that begins with "[^1]:", and so is the mark in the text. The check has the same parser, which knows no footnotes.
# A note of one word stays, as it is taken for the address of a link. mdformat-footnote 0.1.3 keeps both.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'mdformat==1.0.0' 'mdformat-gfm==1.0.0' \
    'mdformat-footnote==0.1.3' 'cmarkgfm==2025.10.22'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import cmarkgfm
import mdformat
from cmarkgfm.cmark import Options

TEXT = "Down[^1].\n\n[^1]: It was the cache.\n"


def is_note(text):
    html = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_FOOTNOTES)
    return "data-footnotes" in html


plain, plugged = (mdformat.text(TEXT, extensions=extensions) for extensions in ({"gfm"}, {"gfm", "footnote"}))
print(f"mdformat {version('mdformat')}, mdformat-gfm {version('mdformat-gfm')}, mdformat-footnote {version('mdformat-footnote')}")
print("guess:", repr(TEXT))
print("seen: ", repr(plain), "and with the plugin for footnotes", repr(plugged))
assert is_note(TEXT) and is_note(plugged), "it has changed"
assert not is_note(plain) and "\\[^1\\]:" in plain, "it has changed"
assert mdformat.text("Down[^1].\n\n[^1]: Overheated\n", extensions={"gfm"}).endswith("\n[^1]: Overheated\n"), "it has changed"
PYTHON
