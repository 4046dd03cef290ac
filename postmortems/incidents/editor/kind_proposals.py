"""Proposals in the form: the kind that an entry's words speak of, taken by a press. Pure."""

from __future__ import annotations

import re

from postmortems.document import entry_kinds
from postmortems.document.model import ENTRY_KINDS
from postmortems.incidents.editor.form import Values

TAKES = re.compile(rf"kind-([0-9]{{1,5}})-([0-9]{{1,5}})-({'|'.join(ENTRY_KINDS)})")


def proposed(block: Values) -> str:
    """The kind that is proposed for a row of the form; "" where it has one, or none is spoken of."""
    words = f"{block.get('title', '')}\n{block.get('text', '')}"
    return "" if block.get("kind") else entry_kinds.proposed(words)


def taken(values: Values, button: str) -> Values:
    """The form after `kind-0-2-mitigation` was pressed; another button, or one that names no entry, changes
    nothing."""
    found = TAKES.fullmatch(button)
    if found:
        section_at, block_at, sections = int(found[1]), int(found[2]), values["sections"]
        if section_at < len(sections) and block_at < len(sections[section_at]["blocks"]):
            block = sections[section_at]["blocks"][block_at]
            if block["type"] == "entry":
                block["kind"] = found[3]
    return values
