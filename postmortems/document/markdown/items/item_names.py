"""Reads names in bold over nested lists: items explained below, or categories of items.

People begin what they ask for with a verb: "Add an alert". A name that does is an item. Where none does, but
what is below mostly does, the names are categories. Where nothing does, somebody who counts counts items.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document import vocabulary

WORDS = vocabulary.table("headings")
# One verb alone is a heading: "Prevent", "Detect".
SURE = re.compile(vocabulary.one_of(WORDS["errands"]) + r"\s+[`\"'\w]", re.IGNORECASE)
LIKELY = re.compile(
    vocabulary.one_of([*WORDS["errands"], *WORDS["errands_or_names"]]) + r"\s+[`\"'\w]", re.IGNORECASE
)
BOX = re.compile(r"(?:\[[ xX]?\](?!\()|[☐☒☑✅])\s")
QUOTES = "*_`\"'“„« "


def are_errands(named: Sequence[tuple[str, Sequence[Sequence[str]]]], *, is_counted: bool) -> bool:
    """Whether the names of a list, each with the items below it as lines, are items rather than categories.

    `is_counted` says that the list has numbers. Boxes below say that the items are there.
    """
    below = [lines[0] for _, nested in named for lines in nested]
    if any(map(BOX.match, below)):
        return False
    if any(_begins(SURE, name) for name, _ in named):
        return True
    return is_counted and sum(_begins(LIKELY, line) for line in below) * 2 < len(below)


def _begins(words: re.Pattern[str], text: str) -> bool:
    return words.match(text.lstrip(QUOTES)) is not None
