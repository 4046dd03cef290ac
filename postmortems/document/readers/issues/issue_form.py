"""Reads what an issue form of GitHub leaves in an issue: `### Label` over each answer.

An answer that nobody gave is `_No response_`, a ticked box `- [X]`, and a choice of several is told by commas
(GitHub's manual, "Syntax for GitHub's form schema").
"""

from __future__ import annotations

import re
from datetime import date as Date

from postmortems.document.markdown.tokens import blocks
from postmortems.document.text import joined, lines_of
from postmortems.document.times import dates

NO_RESPONSE = "_No response_"
OF_A_DAY = re.compile(r"\b(?:date|day|when|started|start time|begin)", re.IGNORECASE)
OF_SERVICES = re.compile(
    r"(?:affected |impacted )?(?:services?|systems?|components?)(?: affected| impacted)?\W*", re.IGNORECASE
)
NAME = re.compile(r"[\w./-]{1,60}")
NOT_AN_ANSWER = re.compile(r"other|unknown|none|n/?a", re.IGNORECASE)


def answers(body: str) -> list[tuple[str, str]]:
    """Label and answer of each field of a form; nothing where an issue was not made by one."""
    lines = lines_of(body)
    found = blocks(lines)
    at = [number for number, block in enumerate(found) if block.kind == "heading"]
    if not at or at[0] != 0 or any(found[number].level != 3 for number in at):
        return []
    ends = [found[number].start for number in at[1:]] + [len(lines)]
    return [
        (found[number].text, joined(lines[found[number].end : end]))
        for number, end in zip(at, ends, strict=True)
    ]


def without_blanks(body: str) -> str:
    """The body without the words that stand where nobody answered."""
    return "\n".join(line for line in lines_of(body) if line.strip() != NO_RESPONSE)


def day(body: str) -> Date | None:
    """The day that a form asked for, such as "Date of the incident"."""
    told = (answer for label, answer in answers(body) if OF_A_DAY.search(label))
    return next(filter(None, (dates.date_in(answer.partition("\n")[0]) for answer in told)), None)


def services(body: str) -> tuple[str, ...]:
    """The services that were chosen in a form; nothing where any of them is told in words."""
    for label, answer in answers(body):
        names = [name.strip() for name in answer.split(",")]
        if OF_SERVICES.fullmatch(label) and all(map(NAME.fullmatch, names)):
            return tuple(name for name in names if not NOT_AN_ANSWER.fullmatch(name))
    return ()
