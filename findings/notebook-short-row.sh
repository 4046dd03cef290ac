#!/usr/bin/env bash
# Guess: a timeline in a notebook is a table on the page that nbconvert makes of it, as it is in the notebook and on GitHub:
# GFM fills a row that has a cell too few, and leaves out a cell too many.
# Seen, nbconvert 7.17.2 (mistune 3.3.4): one such row, or `a | b` in a code span, and the whole table is a paragraph of
# bars. Where rows have no outer bars, the table ends before the short one.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'nbconvert==7.17.2' 'mistune==3.3.4' \
    'nbformat==5.11.1' 'cmarkgfm==2025.10.22'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

import cmarkgfm
import nbformat
from nbconvert import HTMLExporter

HEAD = "| When | What |\n|---|---|\n| 15:30 | Down |\n"
CELLS = {
    "whole": HEAD + "| 15:40 | Up |\n",
    "a cell too few": HEAD + "| 15:40 |\n",
    "a cell too many": HEAD + "| 15:40 | Up | Amy |\n",
    "a bar in code": HEAD + "| 15:40 | `zcat a \\| wc` |\n| 15:50 | `zcat a | wc` |\n",
    "no outer bars": "When | What\n---|---\n15:30 | Down\n15:40\n",
}


def rows(html):
    return html.count("<tr>")


def by_nbconvert(text):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    return HTMLExporter(template_name="basic").from_notebook_node(notebook)[0]


github = {name: rows(cmarkgfm.github_flavored_markdown_to_html(text)) for name, text in CELLS.items()}
seen = {name: rows(by_nbconvert(text)) for name, text in CELLS.items()}
print(f"nbconvert {version('nbconvert')}, mistune {version('mistune')}: rows of a timeline's table")
print(f"guess: {github}, as cmarkgfm {version('cmarkgfm')}")
print(f"seen:  {seen}")
assert list(github.values()) == [3, 3, 3, 4, 3], "it has changed"
assert list(seen.values()) == [3, 0, 0, 0, 2], "it has changed"
PYTHON
