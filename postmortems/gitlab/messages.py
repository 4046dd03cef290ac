"""Messages on GitLab: comments on approvals, within their limit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# GitLab's limit.
LONGEST_COMMENT = 255
HEADLINES = {
    "allow": "May go to",
    "allow_with_warnings": "May go, with warnings, to",
    "block": "Must not go to",
}


def comment(answer: Mapping[str, Any], url: str) -> str:
    """The answer in a line: where to, what stands against it, and where the whole decision is."""
    more = f" {url}/gate/{answer['id']}"
    told = f"{HEADLINES[answer['decision']]} {answer['target']}"
    not_allowing = [one["guard"] for one in answer["guards"] if one["effective"] != "allow"]
    names = ", ".join([*(one["reason_code"] for one in answer["reasons"]), *not_allowing])
    line = f"{told}: {names}." if names else f"{told}."
    room = LONGEST_COMMENT - len(more)
    if room < 2:
        return line[:LONGEST_COMMENT]
    return (line if len(line) <= room else f"{line[: room - 1]}…") + more
