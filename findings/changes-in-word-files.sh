#!/usr/bin/env bash
# Guess: who reads a report out of Word's file (.docx) gets the words that stand on the page, also where reviewers wrote them
# with changes tracked, and in the fields of a template (content controls, document properties).
# Seen: python-docx 1.2.0 leaves out what was inserted, and all in content controls, table cells too: "Roll back on alert."
# where the page says "Roll back within ten minutes on alert."; an owner picked in a template is nobody. mammoth 1.13.0 has
# those, and leaves out simple fields (a day that Word fills in). docx2txt 0.9 has all, and says moved words twice.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'python-docx==1.2.0' 'mammoth==1.13.0' 'docx2txt==0.9'
venv/bin/python - <<'PYTHON'
import re
from importlib.metadata import version
from zipfile import ZipFile

import docx
import docx2txt
import mammoth

OOXML = "http://schemas.openxmlformats.org"
WHO = 'w:author="Ada" w:date="2026-03-02T09:00:00Z"'


def run(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


BODY = f"""
<w:p>{run("Roll back ")}<w:ins w:id="1" {WHO}>{run("within ten minutes ")}</w:ins><w:del w:id="2" {WHO}><w:r>
<w:delText xml:space="preserve">some day </w:delText></w:r></w:del>{run("on alert.")}</w:p>
<w:p>{run("Owner: ")}<w:sdt><w:sdtPr/><w:sdtContent>{run("Ben")}</w:sdtContent></w:sdt></w:p>
<w:p>{run("Held on ")}<w:fldSimple w:instr=" SAVEDATE ">{run("2 March")}</w:fldSimple></w:p>
<w:p><w:moveFrom w:id="3" {WHO}>{run("Moved.")}</w:moveFrom></w:p>
<w:p><w:moveTo w:id="4" {WHO}>{run("Moved.")}</w:moveTo></w:p>
"""
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{OOXML}/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{OOXML}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{OOXML}/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": f'<w:document xmlns:w="{OOXML}/wordprocessingml/2006/main"><w:body>{BODY}<w:sectPr/></w:body>'
    "</w:document>",
}
with ZipFile("report.docx", "w") as file:
    for name, text in PARTS.items():
        file.writestr(name, text)
with open("report.docx", "rb") as file:
    html = mammoth.convert_to_html(file).value
seen = {
    "python-docx": [each.text for each in docx.Document("report.docx").paragraphs],
    "mammoth": re.findall("<p>(.*?)</p>", html),
    "docx2txt": docx2txt.process("report.docx").split("\n\n"),
}
print('guess: Roll back within ten minutes on alert. Owner: Ben. Held on 2 March. Moved.')
for name, words in seen.items():
    print(f"{name} {version(name)}: {[each for each in words if each]}")
whole = ["Roll back within ten minutes on alert.", "Owner: Ben"]
assert [each for each in seen["python-docx"] if each] == ["Roll back on alert.", "Owner: ", "Held on "], "it has changed"
assert seen["mammoth"] == [*whole, "Held on ", "Moved."], "it has changed"
assert [each for each in seen["docx2txt"] if each] == [*whole, "Held on 2 March", "Moved.", "Moved."], "it has changed"
PYTHON
