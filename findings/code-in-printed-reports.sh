#!/usr/bin/env bash
# Guess: YAML that stands in a report's PDF can be copied out of it: a reader of PDF keeps the blanks before a line, or drops
# them, so that it is no YAML; and cells of a table are apart.
# Seen, of a PDF by WeasyPrint 70.0: pypdfium2 5.15.2 makes one blank of any number, so that it is YAML that means something
# else: what was below "image" is beside it. pdfplumber 0.11.10 drops all, and joins a long cell with the next ("redada").
# pypdf 7.1.1 and pdfminer.six 20260107 keep blanks.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'weasyprint==70.0' 'pypdf==7.1.1' 'pdfplumber==0.11.10' \
    'pdfminer.six==20260107' 'pypdfium2==5.15.2' 'pyyaml==6.0.3'
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import pdfplumber
import pypdf
import pypdfium2
import weasyprint
import yaml
from pdfminer.high_level import extract_text

CODE = "hub:\n  image:\n    tag: v2\n  replicas: 3\n"
weasyprint.HTML(string=f"<h1>Hub down</h1><pre><code>{CODE}</code></pre><h2>Items</h2>").write_pdf("report.pdf")
with pdfplumber.open("report.pdf") as plumbed:
    texts = {
        "pypdf": pypdf.PdfReader("report.pdf").pages[0].extract_text(),
        "pdfminer.six": extract_text("report.pdf"),
        "pypdfium2": pypdfium2.PdfDocument("report.pdf")[0].get_textpage().get_text_range(),
        "pdfplumber": plumbed.pages[0].extract_text(),
    }
meant = yaml.safe_load(CODE)
expected = {
    "pypdf": meant,
    "pdfminer.six": meant,
    "pypdfium2": {"hub": {"image": None, "tag": "v2", "replicas": 3}},
    "pdfplumber": {"hub": None, "image": None, "tag": "v2", "replicas": 3},
}
print(f"guess: {meant}, or no YAML")
for name, text in texts.items():
    lines = text.replace("\r\n", "\n").partition("hub:")[2].partition("Items")[0]
    seen = yaml.safe_load("hub:" + lines)
    print(f"{name} {version(name)}: {seen}")
    assert seen == expected[name], "it has changed"
PYTHON
