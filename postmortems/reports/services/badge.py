"""Badges: a service's action items as a small picture for READMEs and dashboards. Pure.

The colours are dark with white letters, so that they are read on light pages and dark ones (WCAG 2.2: each
pair has a contrast of 4.5 at least), and a word says what a colour does.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from markupsafe import escape

from postmortems.document.text import one_line, printable
from postmortems.reports.services.counts import Counts

LABEL = "#444c56"
COLOURS = {
    "clear": "#1a7f37",
    "open": "#0a5fc4",
    "unproven": "#8a5a00",
    "overdue": "#c62030",
    "unknown": "#59636e",
}
# Where a name is longer, its middle is left out; the title has all of it.
LONGEST_NAME = 40
HEIGHT, PADDING = 20, 6
# Widths of letters in the fonts named below at 11 pixels; the text is stretched to what it is taken for.
WIDE, LARGE, MIDDLING, NARROW = 11.5, 8.2, 6.6, 3.8
FONTS = "Verdana,DejaVu Sans,Geneva,sans-serif"


@dataclass(frozen=True, slots=True)
class Said:
    """What a badge says: a word of `COLOURS`, and the text beside the name."""

    state: str
    text: str


UNKNOWN = Said("unknown", "unknown")


def said(counts: Counts) -> Said:
    """What is told of a service: the worst of it gives the colour, and all of it is said in words."""
    told = {"overdue": counts.overdue, "unproven": counts.unproven, "open": counts.open}
    state = next((name for name, count in told.items() if count), "clear")
    words = [f"{told[name]} {name}" for name in ("open", "overdue", "unproven") if told[name]]
    return Said(state, ", ".join(words) or "no open items")


def svg(name: str, what: Said) -> str:
    """The picture, with its words as its title for those who do not see it."""
    whole = one_line(printable(name)) or "service"
    label = _shortened(whole)
    left, right = _width(label) + 2 * PADDING, _width(what.text) + 2 * PADDING
    title = escape(f"Action items of {whole}: {what.text}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img"'
        f' aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="round"><rect width="{left + right}" height="{HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="{HEIGHT}" fill="{LABEL}"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{COLOURS[what.state]}"/></g>'
        f'<g fill="#fff" font-family="{FONTS}" font-size="11" text-anchor="middle">'
        f"{_written(label, 0, left)}{_written(what.text, left, right)}</g></svg>\n"
    )


def _written(text: str, start: int, width: int) -> str:
    middle, length = start + width / 2, width - 2 * PADDING
    return f'<text x="{middle:g}" y="14" textLength="{length}">{escape(text)}</text>'


def _shortened(name: str) -> str:
    if len(name) <= LONGEST_NAME:
        return name
    half = LONGEST_NAME // 2
    return f"{name[: half - 1].rstrip()}…{name[-half:].lstrip()}"


def _width(text: str) -> int:
    """About how many pixels the text is wide."""
    return round(sum(_width_of(letter) for letter in text))


def _width_of(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Cf", "Mn", "Me"}:
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return WIDE
    if letter in "mwMW@%—…" or letter.isupper():
        return LARGE
    return NARROW if letter in " iljtfrI.,:;|!'()[]/-" else MIDDLING
