#!/usr/bin/env bash
# Guess: a list with an empty item is a list: CommonMark takes "- " below "- one" for the next item.
# Seen, Python-Markdown 3.11.3: the empty item underlines the one above. It becomes a heading "- one", with an anchor and a
# place in the table of contents, and the list begins behind it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'markdown==3.11.3' 'markdown-it-py==4.3.0'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import markdown
from markdown_it import MarkdownIt

text = "- one\n- \n- three\n"
guess, seen = MarkdownIt("commonmark").render(text), markdown.markdown(text, extensions=["toc"])
print(f"Python-Markdown {version('markdown')}, markdown-it-py {version('markdown-it-py')}: a list with an empty item")
print("guess:", guess)
print("seen: ", seen)
assert guess.count("<li>") == 3 and "<h2" not in guess, "it has changed"
assert seen.count("<li>") == 1 and "- one</h2>" in seen, "it has changed"
PYTHON
