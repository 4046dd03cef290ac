"""Kinds of action items (process, technical, …), read from the heading over them."""

from __future__ import annotations

import re

from postmortems.document.parse_cache import by_line

# In the order in which they are tried: "Monitoring upstream" watches something, "Upstream docs" is upstream.
WORDS = (
    ("process", r"process(es)?|polic(y|ies)|procedures?|workflows?|communications?|organi[sz]ational"),
    ("monitoring", r"monitoring|monitors?|detection|detect|alerts?|alerting|observability|metrics"),
    ("upstream", r"upstream"),
    ("documentation", r"documentation|docs?|runbooks?|playbooks?"),
    (
        "technical",
        r"technical|technology|code|software|infrastructure|engineering|automation|mitigation|mitigations",
    ),
)


NAMED = tuple((kind, re.compile(rf"\b({words})\b", re.IGNORECASE)) for kind, words in WORDS)


def kind_of(category: str, section_heading: str = "") -> str:
    """The kind that a category heading names, else the section's heading, else `other`."""
    return _named(category) or _named(section_heading) or "other"


@by_line
def _named(heading: str) -> str:
    return next((kind for kind, words in NAMED if words.search(heading)), "")
