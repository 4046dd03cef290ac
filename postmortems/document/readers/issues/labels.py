"""Labels of an issue: a severity, and tags for the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document.markdown import severities

# "severity: high", "sev/2", "Priority::1", but no other label that ends in a number.
SCOPED = re.compile(r"(?:sev(?:erity)?|impact)\s*(?:::?|/|-|=|_|\s)\s*(?P<said>.+)", re.IGNORECASE)
BARE = re.compile(r"sev(?:erity)?[ _-]?[0-4]", re.IGNORECASE)


def severity(labels: Sequence[str]) -> str:
    """The severity that a label says, SEV1 to SEV4; "" where none does."""
    for label in labels:
        scoped = SCOPED.fullmatch(label.strip())
        said = scoped["said"] if scoped else label if BARE.fullmatch(label.strip()) else ""
        if said and (level := severities.level(said)):
            return level
    return ""
