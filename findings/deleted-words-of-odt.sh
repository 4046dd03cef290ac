#!/usr/bin/env bash
# Guess: who reads a report out of a file of LibreOffice (.odt) in which changes were tracked gets the words that stand on the page, with
# or without what was inserted; words that were deleted are none of them, and remarks at the edge are told from the text.
# Seen: odfpy 1.4.1 and officeparser 7.8.0 begin with what was deleted, as a paragraph of its own at the top: "within an hour" is the first
# line of a report that says "within ten minutes". odfpy joins a remark, its author and its time with the sentence, "on alert.Ben", and
# has the remark once more. pandoc 3.9 and odfdo 3.27.3 have what stands on the page.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'officeparser@7.8.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'odfpy==1.4.1' 'odfdo==3.27.3' 'pypandoc_binary==1.17'
cat >content.xml <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3">
<office:body><office:text><text:tracked-changes>
<text:changed-region text:id="c1"><text:deletion><office:change-info><dc:creator>Ana</dc:creator>
<dc:date>2026-03-02T15:30:00</dc:date></office:change-info><text:p>within an hour </text:p></text:deletion></text:changed-region>
<text:changed-region text:id="c2"><text:insertion><office:change-info><dc:creator>Ana</dc:creator>
<dc:date>2026-03-02T15:30:00</dc:date></office:change-info></text:insertion></text:changed-region>
</text:tracked-changes><text:p>Roll back <text:change text:change-id="c1"/><text:change-start
 text:change-id="c2"/>within ten minutes <text:change-end text:change-id="c2"/>on alert.<office:annotation><dc:creator>Ben</dc:creator>
<dc:date>2026-03-02T15:40:00</dc:date><text:p>really?</text:p></office:annotation></text:p></office:text></office:body>
</office:document-content>
XML
venv/bin/python - <<'PYTHON'
import zipfile
from importlib.metadata import version

import odfdo
import pypandoc
from odf import opendocument, teletype, text

KIND = "application/vnd.oasis.opendocument.text"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
STYLES = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-styles xmlns:office="{OFFICE}" office:version="1.3">'
    "<office:font-face-decls/><office:styles/><office:automatic-styles/><office:master-styles/></office:document-styles>"
)
ENTRIES = (("/", KIND), ("content.xml", "text/xml"), ("styles.xml", "text/xml"))
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    'manifest:version="1.3">'
    + "".join(f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>' for path, kind in ENTRIES)
    + "</manifest:manifest>"
)
with zipfile.ZipFile("report.odt", "w") as file:
    file.writestr("mimetype", KIND)
    file.write("content.xml")
    file.writestr("styles.xml", STYLES)
    file.writestr("META-INF/manifest.xml", MANIFEST)
seen = {
    "odfpy": [teletype.extractText(each) for each in opendocument.load("report.odt").getElementsByType(text.P)],
    "odfdo": odfdo.Document("report.odt").get_formatted_text().splitlines(),
    "pypandoc_binary": pypandoc.convert_file("report.odt", "plain", format="odt").splitlines(),
}
print('guess: "Roll back within ten minutes on alert." is the first line')
for name, lines in seen.items():
    print(f"{name} {version(name)}: {lines}")
assert seen["odfpy"][0] == "within an hour " and "alert.Ben" in seen["odfpy"][1] and seen["odfpy"][2] == "really?", "it has changed"
assert seen["odfdo"][0].startswith("Roll back within ten minutes on alert."), "it has changed"
assert seen["pypandoc_binary"] == ["Roll back within ten minutes on alert."], "it has changed"
PYTHON
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const officeparser = require('officeparser');

(async () => {
  const parsed = await officeparser.parseOffice('report.odt');
  const said = typeof parsed === 'string' ? parsed : parsed.toText();
  const { version } = JSON.parse(readFileSync('node_modules/officeparser/package.json'));
  console.log(`officeparser ${version}: ${JSON.stringify(said)}`);
  if (!/^within an hour\s*\n\s*Roll back within ten minutes/.test(said)) {
    console.error('it has changed');
    process.exit(1);
  }
})();
SCRIPT
node seen.cjs
