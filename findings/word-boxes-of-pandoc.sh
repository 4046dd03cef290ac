#!/usr/bin/env bash
# Guess: a ticked task list survives `pandoc -t docx`: readers of Word's files know boxes (content controls), so
#        one of them tells what is done.
# Seen:  pandoc writes no control and no letter: ☒ and ☐ are the bullets of two lists in numbering.xml. mammoth and
#        python-docx give the words alone, done and open alike; only pandoc itself reads `[x]` back.
# Versions: pypandoc_binary 1.17 (pandoc 3.9), mammoth 1.13.0, python-docx 1.2.0.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install \
    'pypandoc_binary==1.17' 'mammoth==1.13.0' 'python-docx==1.2.0'
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version
from zipfile import ZipFile

import docx
import mammoth
import pypandoc

pypandoc.convert_text("- [x] Alert\n- [ ] Rotate\n", "docx", format="gfm", outputfile="tasks.docx")
with open("tasks.docx", "rb") as file:
    page = mammoth.convert_to_html(file).value
lines = [paragraph.text for paragraph in docx.Document("tasks.docx").paragraphs]
package = ZipFile("tasks.docx")
text, lists = (package.read(f"word/{part}.xml").decode() for part in ("document", "numbering"))
back = pypandoc.convert_file("tasks.docx", "gfm")

print("pandoc", pypandoc.get_pandoc_version(), "mammoth", version("mammoth"), "python-docx", version("python-docx"))
print("guess:       a reader tells that Alert is done and Rotate is not")
print("mammoth:    ", page)
print("python-docx:", lines)
print("pandoc:     ", back.split("\n"))
print("bullets:    ", [sign for sign in "☒☐" if f'w:lvlText w:val="{sign}"' in lists])
is_as_seen = (
    "input" not in page
    and lines == ["Alert", "Rotate"]
    and "checkbox" not in text
    and all(sign not in text and sign in lists for sign in "☒☐")
)
sys.exit(0 if is_as_seen else 1)
PYTHON
