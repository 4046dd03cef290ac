#!/usr/bin/env bash
# Guess: what lays Markdown out anew, and wraps its lines, leaves what a report says: a formatter does not begin a line with what would
# be a heading or a list there, and a namespace that is written &lt;user&gt; stays words on the page.
# Seen, mistletoe 1.6.0 (MarkdownRenderer): &lt;user&gt; becomes <user>, a tag, so that the name is gone from the page; and wrapped at 50
# signs "… began with # and a digit" makes a heading, "500 + 30 jobs" at 59 a list. mdformat 1.0.0 and marko 2.2.4 keep the name, and
# mdformat wraps nothing into another shape at any width.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'mistletoe==1.6.0' 'mdformat==1.0.0' 'marko==2.2.4' \
  'cmarkgfm==2025.10.22'
"$folder/venv/bin/python" - <<'PYTHON'
import re
from importlib.metadata import version

import cmarkgfm
import marko
import mdformat
import mistletoe
from marko.md_renderer import MarkdownRenderer as MarkoRenderer
from mistletoe.markdown_renderer import MarkdownRenderer

NAME = "Jobs of &lt;user&gt; waited.\n"
LINES = (
    "Each job waited behind those whose name began with # and a digit.\n",
    "It held what it should hold, and more than that, in sum 500 + 30 jobs.\n",
)


def by_mistletoe(text: str, width: int | None = None) -> str:
    with MarkdownRenderer(max_line_length=width) as renderer:
        return renderer.render(mistletoe.Document(text))


def by_mdformat(text: str, width: int | None = None) -> str:
    return mdformat.text(text, options={"wrap": width or "keep"})


def shown(text: str) -> str:
    return cmarkgfm.github_flavored_markdown_to_html(text)


names = {
    "mistletoe": by_mistletoe(NAME),
    "mdformat": by_mdformat(NAME),
    "marko": marko.Markdown(renderer=MarkoRenderer)(NAME),
}
print('guess: "<user>" is on the page, and each line is a paragraph at any width')
for name, text in names.items():
    print(f"{name} {version(name)}: {text.strip()}")
assert {name: "&lt;user" in shown(text) for name, text in names.items()} == {"mistletoe": False, "mdformat": True, "marko": True}, (
    "it has changed"
)
shapes = {}
for name, write in (("mistletoe", by_mistletoe), ("mdformat", by_mdformat)):
    made = [(width, re.search("<(h1|ul|ol)>", shown(write(line, width)))) for line in LINES for width in range(40, 90)]
    shapes[name] = [(width, found[1]) for width, found in made if found]
    print(f"{name} {version(name)}, at widths: {shapes[name]}")
assert (50, "h1") in shapes["mistletoe"] and (59, "ul") in shapes["mistletoe"] and not shapes["mdformat"], "it has changed"
PYTHON
