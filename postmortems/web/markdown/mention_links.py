"""Links of mentions in rendered texts, for the person who reads the page. Pure.

A text is rendered once for all; whom and what it may mention stands between tags in it (`github_markdown`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from postmortems.document import mentions

# As the sanitiser writes it. Nobody writes it by hand: the digits are made of the text they stand in.
MARKED = re.compile(r'<span class="mention-[0-9a-f]{8}">(?:([@#])([^<>]*)|([^<>]*))</span>')
SIGN = '<span class="mention-'


@dataclass(frozen=True, slots=True)
class Known:
    """What the mentions of a page lead to: accounts by the names written, and titles of incidents by slug."""

    people: Mapping[str, str] = field(default_factory=dict)
    incidents: Mapping[str, str] = field(default_factory=dict)


NOTHING = Known()


def written(text: str) -> tuple[set[str], set[str]]:
    """The names of people, and the slugs, that rendered text may mention."""
    people: set[str] = set()
    incidents: set[str] = set()
    if SIGN in text:
        for sign, run, _ in MARKED.findall(text):
            (people if sign == "@" else incidents).update(mentions.candidates(sign, run) if sign else ())
    return people, incidents


def linked(text: str, known: Known) -> str:
    """The rendered text with links for what is known; everything else stays the words it is."""
    return MARKED.sub(lambda found: _link(found, known), text) if SIGN in text else text


def bare(text: str) -> str:
    """The rendered text for a file that leaves: its mentions are words."""
    return linked(text, NOTHING)


def _link(found: re.Match[str], known: Known) -> str:
    sign, run, other = found.groups()
    if sign is None:
        return other
    for name in mentions.candidates(sign, run):
        if sign == "@" and name in known.people:
            owner = known.people[name]
            address, title = f"/action-items?owner={quote(f'@{owner}', safe='')}", f"Action items of {owner}"
        elif sign == "#" and name in known.incidents:
            address, title = f"/incidents/{quote(name)}", known.incidents[name] or name
        else:
            continue
        opening = f'<a class="mention" href="{address}" title="{html.escape(title)}">'
        return f"{opening}{sign}{name}</a>{run[len(name) :]}"
    return f"{sign}{run}"
