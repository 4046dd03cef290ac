#!/usr/bin/env bash
# Guess: a library that reads statements about vulnerabilities in one of their formats (VEX: CycloneDX, OpenVEX, CSAF) and writes them in
# another keeps what they say: what is exploitable, what is resolved, and what does not concern the product, and why. What a format
# leaves to the writer (OpenVEX: `role`, and a time for each statement) it does not ask for.
# Seen, lib4vex 0.2.3: of a CycloneDX file everything is "under investigation" in CSAF; in OpenVEX, too, but for what is not affected,
# whose reason stays in CycloneDX's words, which OpenVEX does not have, and whose product is "pkg:generic/None@None". An OpenVEX
# file without `role` raises KeyError. Who looks up after an incident what was known reads that nobody had decided.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'lib4vex==0.2.3'
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from lib4vex.generator import VEXGenerator
from lib4vex.parser import VEXParser

STATES = {"CVE-2026-0001": "not_affected", "CVE-2026-0002": "exploitable", "CVE-2026-0003": "resolved"}


def analysis(state: str) -> dict[str, str]:
    return {"state": state, **({"justification": "code_not_reachable"} if state == "not_affected" else {})}


statements = [{"id": name, "analysis": analysis(state), "affects": [{"ref": "hub"}]} for name, state in STATES.items()]
hub = {"type": "application", "name": "hub", "version": "1.2.0", "bom-ref": "hub"}
Path("hub.cdx.json").write_text(json.dumps({
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "version": 1,
    "metadata": {"timestamp": "2026-03-02T15:30:00Z", "component": hub},
    "vulnerabilities": statements,
}))
parser = VEXParser(vex_type="cyclonedx")
parser.parse("hub.cdx.json")
for kind in ("csaf", "openvex"):
    generator = VEXGenerator(vex_type=kind, author="Ana")
    generator.set_product("hub", "1.2.0")
    generator.generate("hub", parser.get_vulnerabilities(), filename=f"hub.{kind}.json")
csaf = [list(one["product_status"]) for one in json.loads(Path("hub.csaf.json").read_text())["vulnerabilities"]]
openvex = json.loads(Path("hub.openvex.json").read_text())["statements"]
told = [(one["status"], one.get("justification")) for one in openvex]
products = {product["@id"] for one in openvex for product in one["products"]}
print(f"lib4vex {version('lib4vex')}, of {list(STATES.values())}")
print("guess: known_not_affected, known_affected, fixed in CSAF; not_affected, affected, fixed in OpenVEX, of hub")
print(f"seen:  {csaf} in CSAF; {told} in OpenVEX, of {products}")
assert csaf == [["under_investigation"]] * 3, "it has changed"
unknown = ("under_investigation", None)
assert told == [("not_affected", "code_not_reachable"), unknown, unknown], "it has changed"
assert products == {"pkg:generic/None@None"}, "it has changed"
Path("own.openvex.json").write_text(json.dumps({
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.org/vex/1",
    "author": "Ana",
    "timestamp": "2026-03-02T15:30:00Z",
    "version": 1,
    "statements": [{
        "vulnerability": {"name": "CVE-2026-0001"},
        "products": [{"@id": "pkg:pypi/hub@1.2.0"}],
        "status": "fixed",
    }],
}))
try:
    VEXParser(vex_type="openvex").parse("own.openvex.json")
    missing = ""
except KeyError as error:
    missing = str(error)
print(f"OpenVEX without a role, guess: read; seen: KeyError {missing}")
assert missing == "'role'", "it has changed"
PYTHON
