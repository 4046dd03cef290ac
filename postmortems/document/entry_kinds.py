"""Kinds of timeline entries, proposed from their words. Pure.

A proposal is shown to an author, who takes it or not; no reader sets a kind by it.
"""

from __future__ import annotations

import re

# The first that fits is proposed: what ended it, then what was tried, then what was seen.
WORDS = {
    "recovery": (
        r"recovered|resolved|(?:is|are|was|were|all) back(?: up| to normal| online)?\b"
        r"|back (?:to normal|online|up)"
        r"|(?:service|traffic|errors?|latency|site|everything)\b[^.\n]{0,40}\b(?:restored|normal|healthy|green)"
        r"|all clear|incident (?:is )?(?:over|closed)|fully operational"
    ),
    "mitigation": (
        r"roll(?:ed|ing|s)? ?back|revert(?:ed|ing|s)?|restart(?:ed|ing|s)?|reboot(?:ed|ing|s)?"
        r"|fail(?:ed|ing)? over|scal(?:ed|ing) (?:up|out|down)|drain(?:ed|ing)|disabl(?:ed|ing)"
        r"|turn(?:ed|ing) off|block(?:ed|ing) "
        r"|hot ?fix(?:ed)?|work ?around|(?:applied|deployed|pushed) (?:a |the )?(?:fix|patch)|purg(?:ed|ing)"
    ),
    "escalation": (
        r"escalat(?:ed|ing|es)|called in|paged (?!by)|incident (?:was )?declared|declared an? incident|joined"
    ),
    "detection": (
        r"alert(?:s|ed)? (?:fired|fires|went off|triggered)|alert(?:ed|s)?:|triggered:|firing"
        r"|notic(?:ed|es|ing)|(?:users?|customers?|people) (?:report|complain)\w*|reported (?:that|by)"
        r"|paged by|got paged|page received|monitoring (?:shows|showed|reported|alerted)|first report"
    ),
    "trigger": (
        r"(?:deployed|deploying|merged|released|shipped|rolled out|rolling out|promoted|upgraded|migrated)\b"
        r"|deploy(?:ment)? (?:of|started|finished|begins|began)"
        r"|(?:certificate|token|licen[cs]e) expired|config change"
    ),
}
PATTERNS = {kind: re.compile(rf"\b(?:{words})", re.IGNORECASE) for kind, words in WORDS.items()}
# "not resolved", "should we roll back?": nothing happened yet.
NOT_SO = re.compile(
    r"\b(?:not|never|isn't|wasn't|aren't|no|nobody|before|until|if|should|could|can|will|would|may|might|let's"
    r"|going to|trying to|want to|plan to|about to|unless|hope|expect)\b[^.;\n]{0,30}$",
    re.IGNORECASE,
)


def proposed(text: str) -> str:
    """The kind that the words of an entry speak of; "" where none, and for a question."""
    first = text.strip().split("\n\n")[0][:400]
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(first):
            before, behind = first[: match.start()], first[match.end() :]
            if not NOT_SO.search(before) and "?" not in behind.split(".")[0].split("\n")[0]:
                return kind
    return ""
