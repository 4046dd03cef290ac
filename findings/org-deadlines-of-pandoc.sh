#!/usr/bin/env bash
# Guess: `pandoc -f org -t gfm` keeps what is said of a heading that is to be done: its day (DEADLINE) and its owner,
#        a property, stay words at least.
# Seen:  both are gone without a word, and so are title and date of the file unless it writes a whole file
#        (`--standalone`); only the keyword stays, as a tag in the heading. We read Org ourselves for that.
# Versions: pypandoc_binary 1.17 (pandoc 3.9), orgparse 0.5.20260926.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install \
    'pypandoc_binary==1.17' 'orgparse==0.5.20260926'
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import orgparse
import pypandoc

TEXT = """\
#+TITLE: Checkout was down
#+DATE: <2024-03-01 Fri>

* Action items
** TODO Rotate the keys
   DEADLINE: <2024-03-05 Tue>
   :PROPERTIES:
   :OWNER: Ben
   :END:
"""
plain = pypandoc.convert_text(TEXT, "gfm", format="org")
whole = pypandoc.convert_text(TEXT, "gfm", format="org", extra_args=["--standalone"])
item = orgparse.loads(TEXT)[2]

print("pandoc", pypandoc.get_pandoc_version())
print("guess:     2024-03-05 and Ben stand in what pandoc writes")
print("plain:    ", repr(plain))
print("whole:    ", repr(whole))
print("orgparse: ", item.todo, item.heading, item.deadline.start, item.properties)
is_as_seen = (
    all(word not in plain + whole for word in ("2024-03-05", "Ben"))
    and "Checkout" not in plain
    and "Checkout" in whole
    and (item.todo, str(item.deadline.start), item.properties["OWNER"]) == ("TODO", "2024-03-05", "Ben")
)
sys.exit(not is_as_seen)
PYTHON
