"""The part a section plays, told by what is in it, or else by the name its author gave it.

The vocabulary is what 228 public postmortems call their sections. A name that is not in it plays no part,
and its section is kept like any other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from postmortems.document import marks
from postmortems.document.model import Section

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
DECORATION = re.compile(
    r":[a-z0-9_+-]+:|\{[^{}]*\}|\([^()]*\)|<[^<>]*>|[*_`#\"“”]|^\W*\d+[.)]\s+|[^\w\s&'/-]"
)
NAMES = {
    "summary": (
        r"(?:(?:executive|issue|incident|event|short|quick|high-level|problem|outage) )?(?:summary|overview|synopsis|abstract)"
        r"|summary of .*|tl;?dr|what is this about|issue summary|description"
    ),
    "impact": r"(?:(?:user|customer|business|service|actual|end-user) )?impacts?(?: of .*| on .*| assessment)?|user impact|damage|scope",
    "timeline": (
        r"(?:(?:incident|event|detailed|full|outage|rough) )?time ?line(?: .*)?|chronology|sequence of events|event log"
        r"|lead ?-?up|key events|(?:what|how) (?:it )?happened(?: when)?|context|order of events|history of events"
    ),
    "conclusion": r"conclusions?|closing(?: words)?|wrap-up|summing up",
    "contributing_factors": (
        r"(?:the )?(?:probable |suspected |blameless )?(?:root )?causes?(?: analysis| and .*| of .*)?|contributing (?:factors?|conditions?|causes?)"
        r"|triggers?|underlying issues?|(?:five|5) why'?s?|background|why (?:did )?(?:it|this) happen(?:ed)?|fault"
    ),
    "lessons": (
        r"lessons?(?: learn(?:ed|t))?|learnings?|takeaways?|retrospective|reflections?|after-action report"
        r"|(?:what|things?)(?: that)? (?:went|worked|did|could)(?: .*)?|(?:where|how) we got lucky|got lucky|opportunities"
    ),
    "action_items": (
        r"(?:(?:resulting|review|corrective|preventative|preventive|follow(?:ing)?[ -]?up|remediation|open|resolution|planned) )?"
        r"(?:and (?:preventative|preventive|corrective) )?(?:action|task|remediation|follow-?up)(?: ?points?)?(?: ?items?| plan| tasks?)?s?"
        r"|(?:corrective|preventative|preventive)(?:(?: and | ?& ?|/)(?:corrective|preventative|preventive))? (?:actions?|measures?)"
        r"|(?:next|further|future|following) (?:steps|actions|work)|to-? ?dos?|follow[ -]?ups?(?: (?:items?|tasks?|improvements?|actions?))?"
        r"|what (?:we are|we're|are we) (?:doing|going to do)(?: about (?:it|this))?|improvements|action items?(?: .*)?"
        r"|corrective and preventative .*|remediations?(?: items?)?|prevention"
    ),
}  # fmt: skip
VOCABULARY = {role: re.compile(pattern, re.IGNORECASE) for role, pattern in NAMES.items()}


def plain_name(heading: str) -> str:
    """A heading without numbers, emoji, emphasis and remarks in brackets: what is compared."""
    return " ".join(DECORATION.sub(" ", heading.replace("’", "'")).split()).strip(" -/")


@lru_cache(maxsize=4096)
def named(heading: str) -> str:
    """The role that a heading's name stands for."""
    name = plain_name(heading)
    return next((role for role, pattern in VOCABULARY.items() if pattern.fullmatch(name)), "other")


def promised(heading: str) -> str:
    """The role that a heading announces, by its mark or its name: how what stands under it is read."""
    if marks.taken_off(heading, marks.TIMELINE)[1]:
        return "timeline"
    return "action_items" if marks.taken_off(heading, marks.ACTION_ITEMS)[1] else named(heading)


def role(section: Section) -> str:
    """The role a section plays: by structure where it has some, by name where it has none."""
    if section.items:
        return "action_items"
    if section.entries:
        return "timeline"
    return named(section.heading)
