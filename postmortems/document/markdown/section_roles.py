"""The role of a section (timeline, action items, …): told by its content, else by its heading.

The vocabulary is `data/words/headings.yaml`. A name that is not in it plays no part, and its section is kept
like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown import prose_markers
from postmortems.document.model import Section
from postmortems.document.parse_cache import by_line

ROLES = (
    "summary",
    "impact",
    "timeline",
    "conclusion",
    "contributing_factors",
    "lessons",
    "action_items",
    "other",
)
DECORATION = patterns.of(
    r":[a-z0-9_+-]+:|\{[^{}]*\}|\([^()]*\)|（[^（）]*）|<[^<>]*>|[*_`#\"“”]|^\W*\d+(?:(?:\.\d+)+\.?|[.)])\s+|[^\w\s&'/-]"
)
# Of "4 Corrective actions"; "5 whys" is a name.
NUMBER = patterns.of(r"^\d{1,2} (?=[^\W\d_])")
SIGN = patterns.of(r"\s*[/&]\s*")
BEFORE, BEHIND = r"(?:[\w'/&-]+ ){0,3}", r"s?(?: .*)?"
# The last letter of a name in a script that puts no blank between words.
UNSPACED = patterns.of(r"[\u3040-\u30ff\u3400-\u9fff]\Z")


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return patterns.of("|".join(map(_name_pattern, names)), re.IGNORECASE)


def _name_pattern(name: str) -> str:
    bare = name.strip("*")
    behind = ".*" if UNSPACED.search(bare) else BEHIND
    before = BEFORE if name.startswith("*") else ""
    return before + re.escape(bare) + (behind if name.endswith("*") else "")


# "Open follow-ups": what the noun says, whatever stands before it.
QUALIFIED = patterns.of(
    r"(?:(?:all|completed?|done|finished|in[ -]progress|ongoing|pending|agreed|resulting|corrective"
    r"|preventi(?:ve|on)|improvement|remedial|follow[ -]?up|open|outstanding|proposed|proposal|suggested"
    r"|possible|potential|future|further|planned|recommended|required|remaining|key|main|our|immediate"
    r"|short[ -]term|long[ -]term|medium[ -]term"
    r"|post[ -]?incident|post[ -]?mortem|incident|engineering|technical|process|additional|new)"
    r" ?(?:&|/|and)? ?)+"
    r"(?:action items?|actions?|action points?|follow[ -]?ups?|next steps|steps|improvements?|tasks"
    r"|remediations?|remediation items|recommendations|to-?dos?|preventi(?:ve|on) measures|fixes)",
    re.IGNORECASE,
)
# The same behind it: "Actions still open", "Measures already taken". "Actions taken" may be the response.
STATED = patterns.of(
    r"(?:(?:all|corrective|preventi(?:ve|on)|improvement|remedial|follow[ -]?up|our|the) )*"
    r"(?:action items?|actions|action points?|follow[ -]?ups|improvements|tasks|remediations?|recommendations"
    r"|to-?dos|measures|fixes) (?:(?:that|which|we|are|were|have|been|still|all|now|not|yet|to be) )*"
    r"(?:(?:already )?(?:open|outstanding|pending|remaining|planned|proposed|agreed|complete|completed|done"
    r"|finished|implemented|in progress|ongoing|under ?way|closed)(?: so far| already| yet)?"
    r"|already (?:been )?taken|(?:been )?taken already)",
    re.IGNORECASE,
)
VOCABULARY = {
    role: _pattern(name for names in words.values() for name in names)
    for role, words in vocabulary.table("headings")["sections"].items()
}


def plain_name(heading: str) -> str:
    """A heading without numbers, emoji, emphasis and remarks in brackets: what is compared."""
    return " ".join(DECORATION.sub(" ", heading.replace("’", "'")).split()).strip(" -/")


def _in_words(name: str) -> str:
    """`Corrective/Preventive actions` and `Corrective & preventive actions` with the word that is meant."""
    return SIGN.sub(" and ", name)


CLOSING = patterns.of(
    "|".join(
        re.escape(name.rstrip("*")) + r"(?![^\W\d_])" for name in vocabulary.table("headings")["closings"]
    ),
    re.IGNORECASE,
)


def is_closing(text: str) -> bool:
    """Whether a paragraph takes leave: "In conclusion, …", "By implementing these measures, …"."""
    return CLOSING.match(text.lstrip()) is not None


@by_line
def named(heading: str) -> str:
    """The role that a heading's name stands for."""
    name = plain_name(heading)
    role = _role_of(name)
    return role if role != "other" or not NUMBER.match(name) else _role_of(NUMBER.sub("", name))


def _role_of(name: str) -> str:
    if QUALIFIED.fullmatch(name) or STATED.fullmatch(name):
        return "action_items"
    names = (name, _in_words(name))
    return next((role for role, words in VOCABULARY.items() if any(map(words.fullmatch, names))), "other")


@by_line
def promised(heading: str) -> str:
    """The role that a heading announces, by its mark or its name: how what stands under it is read."""
    if prose_markers.taken_off(heading, prose_markers.TIMELINE)[1]:
        return "timeline"
    return (
        "action_items" if prose_markers.taken_off(heading, prose_markers.ACTION_ITEMS)[1] else named(heading)
    )


def role(section: Section) -> str:
    """The role a section plays: by structure where it has some, by name where it has none."""
    if section.items:
        return "action_items"
    if section.entries:
        return "timeline"
    return named(section.heading)
