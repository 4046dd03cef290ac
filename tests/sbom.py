"""The bill of materials, CycloneDX as JSON, of what we run with: `make sbom` prints it.

It is made from the locks alone, hashes and all, so that it is the same wherever it is made; licences are
added where the distribution is installed.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import postmortems
from tests.licences import EXEMPT, LOCKS, PERMISSIVE, ROOT, stated

# What is in the image; the others are for who installs them.
REQUIRED = "requirements.txt"
PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9][\w.-]*)(\[[\w,-]+\])?==(?P<version>[^\s;\\]+)(\s*;\s*(?P<marker>[^\\]+))?"
)
HASH = re.compile(r"--hash=(\w+):([0-9a-f]+)")
OURS = "postmortems"
ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
# What names a bill by its content.
NAMESPACE = uuid.UUID("6f0d4f43-6a0e-4a3c-9a75-4a2f0d3e8a11")


@dataclass(frozen=True)
class Locked:
    """A distribution as a lock has it; `via` are those that need it, ours where an `.in` file names it."""

    name: str
    version: str
    marker: str
    hashes: tuple[tuple[str, str], ...]
    via: tuple[str, ...]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def read(text: str) -> list[Locked]:
    """What a lock says. Raises `ValueError` for a line that pins nothing, and for what has no hash."""
    found = []
    for block in _blocks(text):
        pinned = PINNED.match(block)
        if pinned is None:
            raise ValueError(f"{block.splitlines()[0]!r} pins no version")
        hashes = tuple(sorted((ALGORITHMS[kind], value) for kind, value in HASH.findall(block)))
        if not hashes:
            raise ValueError(f"{pinned['name']} has no hash; lock it by `make lock`")
        marker = (pinned["marker"] or "").strip()
        name = re.sub(r"[-_.]+", "-", pinned["name"]).lower()
        found.append(Locked(name, pinned["version"], marker, hashes, tuple(_via(block))))
    return found


def _blocks(text: str) -> Iterator[str]:
    """A distribution with all that is said about it: its line is the only one that begins at the margin."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    block: list[str] = []
    for line in lines:
        if not line.startswith(" ") and block:
            yield "\n".join(block)
            block = []
        block.append(line)
    if block:
        yield "\n".join(block)


def _via(block: str) -> Iterator[str]:
    """Behind `# via`, on the line or each on a line of its own."""
    for line in block.splitlines():
        said = line.strip()
        if said.startswith("#") and (name := said.lstrip("# ").removeprefix("via").strip()):
            yield OURS if name.startswith("-r ") or name.startswith("-c ") else name


def bill(locks: Mapping[str, str]) -> dict[str, Any]:
    """The document, of the text of each lock by its name."""
    scopes: dict[Locked, str] = {}
    by_purl: dict[str, Locked] = {}
    for name, text in locks.items():
        for one in read(text):
            known = by_purl.setdefault(one.purl, one)
            if name == REQUIRED or known not in scopes:
                scopes[known] = "required" if name == REQUIRED else "optional"
    components = [_component(one, scopes[one]) for one in sorted(scopes, key=lambda one: one.purl)]
    ours = {"type": "application", "bom-ref": OURS, "name": OURS, "version": postmortems.__version__}
    content = json.dumps([ours, components], sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": ours},
        "components": components,
        "dependencies": _dependencies(list(scopes)),
    }


def _component(one: Locked, scope: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "scope": scope,
        # One for each file that it is published as.
        "hashes": [{"alg": kind, "content": value} for kind, value in one.hashes],
    }
    if licence := _licence(one):
        made["licenses"] = [licence]
    if one.marker:
        made["properties"] = [{"name": "python:marker", "value": one.marker}]
    return made


def _licence(one: Locked) -> dict[str, Any] | None:
    try:
        about = metadata.distribution(one.name)
    except metadata.PackageNotFoundError:
        return None
    # Of another version it may be another.
    if about.version != one.version:
        return None
    said = stated(about.metadata)[0]
    if said in PERMISSIVE or (one.name in EXEMPT and EXEMPT[one.name].licence == said and " " not in said):
        return {"license": {"id": said}}
    return {"expression": said} if re.search(r" (OR|AND) ", said) else {"license": {"name": said}}


def _dependencies(locked: list[Locked]) -> list[dict[str, Any]]:
    """Who needs what, both by reference."""
    refs = {one.name: one.purl for one in locked} | {OURS: OURS}
    needs: dict[str, set[str]] = {ref: set() for ref in refs.values()}
    for one in locked:
        for name in one.via:
            if name in refs:
                needs[refs[name]].add(one.purl)
    return [{"ref": ref, "dependsOn": sorted(wanted)} for ref, wanted in sorted(needs.items())]


def main() -> int:
    made = bill({name: (ROOT / name).read_text() for name in LOCKS})
    json.dump(made, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
