"""Keys that a page states in lines below its title, as front matter where a report has a place for them.

`Severity: SEV2` or `Services: checkout, payments` say what front matter would; anything else stays a line of
the text, in the words of whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document.markdown.front_matter import scalar
from postmortems.document.model import DOCUMENT_STATUSES
from postmortems.document.text import SLUG, one_line

LISTS = {
    "service": "services",
    "services": "services",
    "affected service": "services",
    "affected services": "services",
    "tag": "tags",
    "tags": "tags",
    "labels": "tags",
    "restricted": "restricted",
}
# What is a report's own only where it is written as a report writes it.
EXACT = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "timezone": re.compile(r"[A-Z][A-Za-z]+/[A-Za-z_/-]+|UTC"),
    "severity": re.compile(r"SEV[0-5]"),
    "status": re.compile("|".join(DOCUMENT_STATUSES)),
    "recurrence of": SLUG,
}

# `billing, "cron, jobs"`: what is quoted is one.
LISTED = re.compile(r'"(?P<quoted>[^"]*)"|(?P<bare>[^,"]+)')
Property = tuple[str, str]


def split(found: Sequence[Property]) -> tuple[dict[str, str], list[Property]]:
    """The front matter that the properties are, by key, and those that are none."""
    front: dict[str, str] = {}
    rest = []
    for name, said in found:
        key, value = typed(name, said)
        if value and key not in front:
            front[key] = value
        elif said.strip():
            rest.append((name, said))
    return front, rest


def typed(name: str, said: str) -> Property:
    """The key of front matter that says the same, and its value; two empty texts where none does."""
    name, whole = name.strip().lower(), one_line(said)
    said = whole.strip('"')
    if key := LISTS.get(name, ""):
        listed = (match["quoted"] or match["bare"] or "" for match in LISTED.finditer(whole))
        parts = [part for each in listed if (part := each.strip(' "[]'))]
        return key, f"[{', '.join(scalar(part, in_list=True) for part in parts)}]" if parts else ""
    if name in EXACT and EXACT[name].fullmatch(said):
        return name.replace(" ", "_"), said
    return "", ""


def page(title: str, front: dict[str, str], body: str) -> str:
    """A report in Markdown: its title and keys as front matter, and the text."""
    said = [
        *([f"title: {scalar(one_line(title))}"] if title else []),
        *(f"{key}: {value}" for key, value in front.items()),
    ]
    head = "\n".join(["---", *said, "---", "", ""]) if said else ""
    return f"{head}{body.strip(chr(10))}\n"
