"""Kinds of action items (process, technical, …), read from the heading over them."""

from __future__ import annotations

import re

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


def kind_of(category: str, section_heading: str = "") -> str:
    """The kind that a category heading names, else the section's heading, else `other`."""
    for heading in (category, section_heading):
        for kind, words in WORDS:
            if re.search(rf"\b({words})\b", heading, re.IGNORECASE):
                return kind
    return "other"
