"""The licences of everything installed to run: `make lint` calls it as `python -m tests.licences`.

Each locked distribution says its licence in its own metadata; what is not plainly permissive needs a named
reason here.
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "requirements-pdf.txt", "requirements-mcp.txt", "requirements-watch.txt")

PERMISSIVE = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "CNRI-Python",
        "HPND",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "PSF-2.0",
        "Python-2.0",
        "Unlicense",
        "Zlib",
        "ZPL-2.1",
    }
)

# Trove classifiers, by the permissive licence that each stands for.
CLASSIFIERS = {
    "License :: CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: MIT No Attribution License (MIT-0)": "MIT-0",
    "License :: OSI Approved :: Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: The Unlicense (Unlicense)": "Unlicense",
    "License :: OSI Approved :: Zope Public License": "ZPL-2.1",
}

UNSTATED = "no licence"


@dataclass(frozen=True)
class Exemption:
    """A licence that is let through for one distribution, exactly as it is stated, and why."""

    licence: str
    reason: str


EXEMPT = {
    "certifi": Exemption(
        "MPL-2.0", "a list of certificates, passed on unchanged; MPL binds its own files only"
    ),
    "protobuf": Exemption("3-Clause BSD License", "BSD-3-Clause in its own words"),
    "psycopg": Exemption(
        "LGPL-3.0-only", "imported as a library, which anybody can replace by another version"
    ),
    "psycopg-binary": Exemption("LGPL-3.0-only", "the compiled half of psycopg, replaceable alike"),
    "pyphen": Exemption("MPL-1.1", "comes with the optional PDF, unchanged; offered under GPL, LGPL or MPL"),
    "pysqlite3": Exemption(UNSTATED, "its metadata state none; its repository holds the zlib licence"),
}


def stated(about: Message) -> list[str]:
    """The SPDX expressions that a distribution is offered under; any one of them is enough.

    The field made for it comes first (PEP 639), then the classifiers, then the old free text, which may be a
    whole licence.
    """
    if expression := about.get("License-Expression"):
        return [expression]
    named = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [line for line in named if line != "License :: OSI Approved"]
    if named:
        return [CLASSIFIERS.get(line, line) for line in named]
    text = (about.get("License") or "").strip()
    return [text.splitlines()[0]] if text and text.upper() != "UNKNOWN" else [UNSTATED]


def permitted(expression: str, allowed: frozenset[str] = PERMISSIVE) -> bool:
    """Whether an SPDX expression can be met with allowed licences alone: OR is a choice, AND is not.

    SPDX 2.3 annex D: AND binds closer than OR, parentheses closer than both; `WITH` makes another licence.
    """
    if "\0" in expression:
        return False
    inner = re.compile(r"\(([^()]*)\)")
    while inner.search(expression):
        expression = inner.sub(lambda group: "\0" if _met(group[1], allowed) else "refused", expression)
    return _met(expression, allowed)


def _met(flat: str, allowed: frozenset[str]) -> bool:
    choices = re.split(r"\s+OR\s+", flat.strip())
    return any(
        all(one in allowed or one == "\0" for one in re.split(r"\s+AND\s+", choice)) for choice in choices
    )


def fault(name: str, about: Message | None, exempt: Mapping[str, Exemption] = EXEMPT) -> str | None:
    """What is wrong with the licence of one distribution, in a sentence; `about` is None without it."""
    if about is None:
        return f"{name} is locked, but not installed: run `make lint`, which installs it."
    offered = stated(about)
    if any(permitted(expression) for expression in offered):
        return None
    if name in exempt and exempt[name].licence in offered:
        return None
    return (
        f"{name} states {' or '.join(offered)}: replace it, or name it in tests/licences.py with the reason."
    )


def locked(text: str) -> list[str]:
    """The distributions of a lock that belong on this system, by name."""
    lines = re.findall(r"^[A-Za-z0-9].*?(?=\s*\\?$)", text, re.MULTILINE)
    needed = [requirement for requirement in map(Requirement, lines) if _here(requirement)]
    return sorted({requirement.name.lower() for requirement in needed})


def _here(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate()


def installed(name: str) -> Message | None:
    try:
        # Typed as a protocol without `get`; importlib.metadata makes a Message.
        return cast(Message, metadata.metadata(name))
    except metadata.PackageNotFoundError:
        return None


def faults(names: list[str], look: Callable[[str], Message | None] = installed) -> list[str]:
    return [said for name in names if (said := fault(name, look(name)))]


def main() -> int:
    names = sorted({name for lock in LOCKS for name in locked((ROOT / lock).read_text())})
    found = faults(names)
    told = found or [f"{len(names)} distributions that we run with have licences we may use."]
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
