#!/usr/bin/env bash
# Which number a step of a runbook has that was written in Word, where a line stands between two of them ("wait for the green light").
# Guess: the list goes on behind it, as it does on the page in Word (1, 2, a line, 3, 4: it is one list), for whoever reads the file; so
# that "if it fails, go back to step 3" in the report leads where it led.
# Seen: pandoc (pypandoc-binary 1.17) goes on with 3; mammoth 1.13.0 begins at 1 again, in HTML and in Markdown, so that the report has
# two steps 1 and no step 3. docx2python 3.7.1 reads no number at all where the list is
# Word's own style "List Number".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-docx==1.2.0' 'mammoth==1.13.0' 'docx2python==3.7.1' \
    'pypandoc-binary==1.17'
venv/bin/python - <<'PYTHON'
import re
from importlib.metadata import version
from pathlib import Path

import docx
import mammoth
import pypandoc
from docx2python import docx2python

document = docx.Document()
for text, style in (("Drain", "List Number"), ("Restart", "List Number"), ("Wait for the green light.", None),
                    ("Undrain", "List Number"), ("Close", "List Number")):
    document.add_paragraph(text, style=style)
document.save("steps.docx")


def numbers(markdown: str) -> list[str]:
    return re.findall(r"^\s*(\d+)[.)]", markdown, re.MULTILINE)


with Path("steps.docx").open("rb") as file:
    by_mammoth = numbers(mammoth.convert_to_markdown(file).value)
with Path("steps.docx").open("rb") as file:
    page = mammoth.convert_to_html(file).value
with docx2python("steps.docx") as read:
    by_docx2python = numbers(read.text)
by_pandoc = numbers(pypandoc.convert_file("steps.docx", "gfm"))
print("guess: 1, 2, 3, 4 of each")
print(f"pandoc: {by_pandoc}; mammoth {version('mammoth')}: {by_mammoth}; docx2python {version('docx2python')}: {by_docx2python}")
assert by_pandoc == ["1", "2", "3", "4"] and by_mammoth == ["1", "2", "1", "2"] and by_docx2python == [], "it has changed"
assert page.count("<ol>") == 2 and "start=" not in page, "it has changed"
PYTHON
