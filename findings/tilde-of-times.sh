#!/usr/bin/env bash
# Guess: in GitHub's Markdown `~` before a time (about 15:30) or between two (15:30~15:40, as is usual in East Asia) is a
# sign like any other; words are struck out between two pairs of them, `~~`. Libraries that say GFM agree on that.
# Seen, cmarkgfm 2025.10.22 (GitHub's own parser) strikes out what lies between two such ranges on a line, as one `~` is
# enough amid letters and digits; marko 2.2.4 also strikes out `~15:30 down, ~15:40`, and mistune 3.3.4 neither. A timeline
# then says that something did not happen, and the sign for "about" is gone.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'cmarkgfm==2025.10.22' 'marko==2.2.4' 'mistune==3.3.4'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import cmarkgfm
import marko
import mistune

READERS = {
    "cmarkgfm": cmarkgfm.github_flavored_markdown_to_html,
    "marko": marko.Markdown(extensions=["gfm"]),
    "mistune": mistune.create_markdown(plugins=["strikethrough"]),
}
LINES = {
    "about": "~15:30 down, ~15:40 up",
    "ranges": "15:30~15:40 down, 16:00~16:10 slow",
    "spaced": "15:30 ~ 15:40 down, 16:00 ~ 16:10 slow",
}
seen = {}
for name, read in READERS.items():
    for kind, line in LINES.items():
        html = read(line).strip().removeprefix("<p>").removesuffix("</p>")
        seen[name, kind] = html.partition("<del>")[2].partition("</del>")[0]
        print(f"{name} {version(name)}: {html}")
print("guess: nothing is struck out")
print(f"seen:  {({key: words for key, words in seen.items() if words})}")
struck = {
    ("cmarkgfm", "ranges"): "15:40 down, 16:00",
    ("marko", "about"): "15:30 down, ",
    ("marko", "ranges"): "15:40 down, 16:00",
    ("marko", "spaced"): " 15:40 down, 16:00 ",
}
assert {key: words for key, words in seen.items() if words} == struck, "it has changed"
PYTHON
