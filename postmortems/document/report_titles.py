"""Titles of reports: whether one says only what kind of document it is, and which its keys state instead.

"Post mortem report" over `Subject: Loss of uplink` is the report on the loss of an uplink.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document import vocabulary
from postmortems.document.model import Prose, Section
from postmortems.document.text import one_line

WORDS = vocabulary.table("headings")
LONGEST = 200
# What stands before the title among what is known of an incident.
KEYS = frozenset(WORDS["titles"])
KIND = re.compile(rf"(?:{vocabulary.one_of(WORDS['kinds_of_document'])}[\W_]*)+", re.IGNORECASE)
STATED = re.compile(
    rf"^[ \t|>*+_`-]{{0,12}}{vocabulary.one_of(KEYS)}[ \t]{{0,20}}[*_`]{{0,3}}[ \t]?[:：|][ \t*_`|]{{0,20}}"
    r"(?P<said>\S[^\n|]*?)[ \t*_`|\\]*$",
    re.IGNORECASE | re.MULTILINE,
)
# No title is a number at a tracker, a day, an address, or one word.
NO_TITLE = re.compile(r"https?:|[<\[(]|\W*[\w-]*\d[\w.:/-]*\W*$|\S+$")


def is_kind(title: str) -> bool:
    """Whether a title says no more than what kind of document it is."""
    return bool(KIND.fullmatch(one_line(title).strip(" -–—:#[]()")))


def stated(sections: Sequence[Section]) -> str:
    """The title among the keys above all sections; "" where there is none."""
    lead = sections[0] if sections and not sections[0].heading else None
    for block in lead.blocks[:2] if lead else ():
        for match in STATED.finditer(block.text) if isinstance(block, Prose) else ():
            said = one_line(match["said"])
            if len(said) <= LONGEST and not NO_TITLE.match(said) and not is_kind(said):
                return said
    return ""
