#!/usr/bin/env bash
# Guess: a bill of materials that a library reads in CycloneDX and writes in SPDX, and back, is of the same product: the application is a
# package that the document describes, of its version, and depends on what it depended on.
# Seen, lib4sbom 0.10.4: the application is no package of the SPDX document any more, which describes its first dependency instead; its
# version and package URL are in neither, and so is that it depends on that one. Back in CycloneDX the application has the
# document's name, and no version. Who compares what was deployed with what is known to be bad looks up a library.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'lib4sbom==0.10.4'
venv/bin/python - <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

from lib4sbom.generator import SBOMGenerator
from lib4sbom.parser import SBOMParser


def component(name: str, number: str, kind: str = "library") -> dict[str, str]:
    return {"type": kind, "bom-ref": name, "name": name, "version": number, "purl": f"pkg:pypi/{name}@{number}"}


Path("hub.cdx.json").write_text(json.dumps({
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "version": 1,
    "metadata": {"timestamp": "2026-03-02T15:30:00Z", "component": component("hub", "1.2.0", "application")},
    "components": [component("pool", "2.0.0"), component("wire", "3.0.0")],
    "dependencies": [{"ref": "hub", "dependsOn": ["pool"]}, {"ref": "pool", "dependsOn": ["wire"]}],
}))


def written(source: str, kind: str) -> dict:
    parser = SBOMParser()
    parser.parse_file(source)
    target = f"hub.{kind}.out.json"
    SBOMGenerator(sbom_type=kind, format="json").generate("hub", parser.get_sbom(), filename=target)
    return json.loads(Path(target).read_text())


spdx = written("hub.cdx.json", "spdx")
packages = [package["name"] for package in spdx["packages"]]
relations = [(one["spdxElementId"], one["relationshipType"], one["relatedSpdxElement"]) for one in spdx["relationships"]]
Path("hub.spdx.json").write_text(json.dumps(spdx))
back = written("hub.spdx.json", "cyclonedx")["metadata"]["component"]
print(f"lib4sbom {version('lib4sbom')}")
print("guess: packages hub, pool and wire; hub is described, and depends on pool; and hub 1.2.0 again in CycloneDX")
print(f"seen:  {packages}; {relations}; {back}")
assert packages == ["pool", "wire"], "it has changed"
assert relations == [
    ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-1-pool"),
    ("SPDXRef-1-pool", "DEPENDS_ON", "SPDXRef-2-wire"),
], "it has changed"
assert back["name"] == "hub" and "version" not in back, "it has changed"
PYTHON
