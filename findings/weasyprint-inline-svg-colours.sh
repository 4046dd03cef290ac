#!/usr/bin/env bash
# Guess: WeasyPrint takes an inline SVG for a part of the page, as browsers do: rules of the page's stylesheet colour its
# shapes, custom properties of the page reach it, and a <style> inside one SVG is one of the page.
# Seen, WeasyPrint 70.0: neither does. Shapes keep SVG's black unless an attribute on them, or a <style> inside the SVG,
# says otherwise; a rule inside one SVG stays there. A chart coloured by classes of the page is black on paper.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'weasyprint==70.0'
"$folder/venv/bin/python" - <<'PYTHON'
import re

import weasyprint

PAGE = """<html><head><style>:root {{ --red: #f00 }} .bar {{ fill: #f00 }} rect {{ fill: #f00 }}</style></head>
<body><svg width="40" height="40">{inside}</svg><svg width="40" height="40">{other}</svg></body></html>"""
RECT = '<rect class="bar" width="30" height="30"{more}/>'
CASES = {
    "a rule of the page": (RECT.format(more=""), ""),
    "a custom property of the page": (RECT.format(more=' style="fill: var(--red)"'), ""),
    "an attribute of the shape": (RECT.format(more=' fill="#f00"'), ""),
    "a rule inside the SVG": ("<style>.bar { fill: #f00 }</style>" + RECT.format(more=""), ""),
    "a rule inside another SVG": (RECT.format(more=""), "<style>.bar { fill: #f00 }</style>"),
}
seen = {}
for name, (inside, other) in CASES.items():
    made = weasyprint.HTML(string=PAGE.format(inside=inside, other=other)).write_pdf(uncompressed_pdf=True)
    seen[name] = bool(re.search(rb"(?m)^1 0 0 (?:rg|scn?)\b", made))
print("weasyprint", weasyprint.__version__)
print("guess: each of them makes the shape red, as in browsers")
for name, is_red in seen.items():
    print(f"seen:   {name}: {'red' if is_red else 'black'}")
assert list(seen.values()) == [False, False, True, True, False], "it has changed"
PYTHON
