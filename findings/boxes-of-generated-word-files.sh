#!/usr/bin/env bash
# Guess: action items that a service writes into a Word file with docx, the usual package for that, as boxes (CheckBox, Word's own content
# control) are told open from done by whoever reads the file: the control says it, and the sign stands on the page.
# Seen, of a file by docx 9.15.2: mammoth 1.13.0 has boxes in HTML, and nothing in its Markdown and its text; pandoc 3.9 (pypandoc-binary
# 1.17), officeparser 7.8.0 and python-docx 1.2.0 have the words alone; docx2python 3.7.1 has other letters, U+0612 where U+2612 stands.
# markitdown 0.1.9 alone has [x] and [ ]. The sign is a symbol of a font there (w:sym), which most readers drop.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'docx@9.15.2' 'mammoth@1.13.0' 'officeparser@7.8.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'pypandoc_binary==1.17' 'python-docx==1.2.0' 'docx2python==3.7.1' \
  'markitdown[docx]==0.1.9'
cat >seen.cjs <<'SCRIPT'
const { readFileSync, writeFileSync } = require('node:fs');
const { CheckBox, Document, Packer, Paragraph, TextRun } = require('docx');
const mammoth = require('mammoth');
const { parseOffice } = require('officeparser');

const item = (checked, words) => new Paragraph({ children: [new CheckBox({ checked }), new TextRun(` ${words}`)] });
const path = 'items.docx';
(async () => {
  const children = [item(true, 'Rotate the key'), item(false, 'Add an alert')];
  writeFileSync(path, await Packer.toBuffer(new Document({ sections: [{ children }] })));
  const html = (await mammoth.convertToHtml({ path })).value;
  const markdown = (await mammoth.convertToMarkdown({ path })).value.trim();
  const text = (await mammoth.extractRawText({ path })).value.trim();
  const office = (await parseOffice(path)).toText().trim();
  const boxes = html.match(/<input[^>]*>/g).map((each) => (each.includes('checked=') ? 'done' : 'open'));
  const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version;
  const flat = (words) => words.split(/\s*\n\s*/).join(' | ');
  const seen = [boxes.join(' '), flat(markdown), flat(text), flat(office)];
  console.log('guess: one is done and one is open, for each');
  console.log(`mammoth ${version('mammoth')} of docx ${version('docx')}: ${seen.slice(0, 3).join(', ')}`);
  console.log(`officeparser ${version('officeparser')}: ${seen[3]}`);
  if (seen.join() !== ['done open', ...Array(3).fill('Rotate the key | Add an alert')].join()) {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
from importlib.metadata import version

import pypandoc
from docx import Document
from docx2python import docx2python
from markitdown import MarkItDown

PATH = "items.docx"
seen = {
    "pypandoc_binary": pypandoc.convert_file(PATH, "gfm").split("\n\n"),
    "python-docx": [each.text for each in Document(PATH).paragraphs],
    "docx2python": docx2python(PATH).text.split("\n\n")[:2],
    "markitdown": MarkItDown().convert(PATH).text_content.split("\n\n"),
}
for name, items in seen.items():
    print(f"{name} {version(name)}: {items}")
for name in ("pypandoc_binary", "python-docx"):
    assert [each.strip() for each in seen[name]] == ["Rotate the key", "Add an alert"], "it has changed"
assert ["&#x0612;" in seen["docx2python"][0], "&#x0610;" in seen["docx2python"][1]] == [True, True], "it has changed"
assert [each[:3] for each in seen["markitdown"]] == ["[x]", "[ ]"], "it has changed"
PYTHON
