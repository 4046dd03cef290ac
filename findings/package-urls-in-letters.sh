#!/usr/bin/env bash
# Guess: a package URL is canonical, so what two libraries of the same project write for one build is letter for letter the
# same, and a guard or an SBOM can be looked up by it; case is settled by the type.
# Seen: packageurl-python 0.17.6 leaves "/" and ":" in qualifiers and writes "+" of a version as %2B; packageurl-js 2.0.1 does
# the opposite with each. For oci the first makes a digest's letters small, and the second leaves them. What one service
# recorded as deployed is not found by another that compares texts; read by either, the parts are equal but for that digest.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'packageurl-python==0.17.6'
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'packageurl-js@2.0.1'
cat >urls.json <<'JSON'
[
  "pkg:oci/hub@sha256:51f1d28f?repository_url=registry.example.org/acme/hub",
  "pkg:docker/acme/hub@1.2?repository_url=localhost:5000",
  "pkg:helm/hub@1.2.3+build.7",
  "pkg:oci/hub@sha256:51F1D28F"
]
JSON
cat >seen.py <<'SCRIPT'
import json
from importlib.metadata import version

from packageurl import PackageURL

with open("urls.json") as file:
    seen = [PackageURL.from_string(url).to_string() for url in json.load(file)]
print(f"packageurl-python {version('packageurl-python')}: {seen}")
assert seen == [
    "pkg:oci/hub@sha256:51f1d28f?repository_url=registry.example.org/acme/hub",
    "pkg:docker/acme/hub@1.2?repository_url=localhost:5000",
    "pkg:helm/hub@1.2.3%2Bbuild.7",
    "pkg:oci/hub@sha256:51f1d28f",
], "it has changed"
SCRIPT
cat >seen.cjs <<'SCRIPT'
const { readFileSync } = require('node:fs');
const { PackageURL } = require('packageurl-js');

const { version } = JSON.parse(readFileSync('node_modules/packageurl-js/package.json'));
const seen = JSON.parse(readFileSync('urls.json')).map((url) => PackageURL.fromString(url).toString());
console.log(`packageurl-js ${version}: ${JSON.stringify(seen)}`);
const expected = [
  'pkg:oci/hub@sha256:51f1d28f?repository_url=registry.example.org%2Facme%2Fhub',
  'pkg:docker/acme/hub@1.2?repository_url=localhost%3A5000',
  'pkg:helm/hub@1.2.3+build.7',
  'pkg:oci/hub@sha256:51F1D28F',
];
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
echo 'guess: the same four from both'
venv/bin/python seen.py
node seen.cjs
