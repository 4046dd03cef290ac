"""Dates of Confluence: `<time datetime>` as the words that a page shows for it, or as a day.

An exported page shows the day as its reader's language writes it, which may be open (`04/05/2022`); storage
format has the attribute alone.
"""

from __future__ import annotations

import re
from datetime import date as Date

from postmortems.document.readers.markup_tree import Element, text_of
from postmortems.document.text import one_line
from postmortems.document.times import dates, grammar

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day(node: Element) -> str:
    """The day that a `time` names, as `2022-05-31`; "" where it names none."""
    match = DAY.match(node.attributes.get("datetime", ""))
    try:
        return Date.fromisoformat(match[0]).isoformat() if match else ""
    except ValueError:
        return ""


def shown(node: Element) -> str:
    """The words for a `time`: those on the page where they name the same day, else the day."""
    said, named = one_line(text_of(node)), day(node)
    if not said or not named:
        return said or named
    found = grammar.day_at(said)
    is_same = (
        found
        and found[1] == len(said)
        and found[0].is_whole
        and not found[0].unordered
        and dates.resolved(found[0], None) == Date.fromisoformat(named)
    )
    return said if is_same else named
