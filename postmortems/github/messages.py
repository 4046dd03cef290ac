"""Messages on GitHub: Markdown comments and status descriptions, within their limits. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# GitHub's limits: a comment on a job that waits, and a commit status' description.
LONGEST_COMMENT, LONGEST_DESCRIPTION = 1024, 140
SIGNS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>&$])")
HEADLINES = {
    "allow": "may go to",
    "allow_with_warnings": "may go, with warnings, to",
    "wait": "has to wait for",
    "block": "must not go to",
}
STATES = {"allow": "success", "allow_with_warnings": "success", "wait": "pending", "block": "failure"}


def comment(answer: Mapping[str, Any], url: str) -> str:
    """The answer in a few lines: the headline, each guard against it and why, and where more is."""
    headline = f"This commit {HEADLINES[answer['decision']]} **{_md(answer['target'])}**."
    more = f"\n\n[The whole decision]({url}/gate/{answer['id']})"
    lines = [f"- {_md(one['reason_code'])}: {_md(one['summary'])}" for one in answer["reasons"]]
    lines += [_guard(one) for one in answer["guards"] if one["effective"] != "allow"]
    return _fitted(headline, lines, more, LONGEST_COMMENT)


def _guard(one: Mapping[str, Any]) -> str:
    why = "; ".join(
        f"because of {_md(link['incident']['title'])}"
        + (f", {_md(link['action_item']['id'])}" if link["action_item"]["id"] else "")
        for link in one["because"][:2]
    )
    told = f"- **{_md(one['guard'])}** {_md(one['verdict'])}: {_md(one['summary'])}"
    return f"{told} ({why})" if why else told


def _fitted(headline: str, lines: list[str], more: str, longest: int) -> str:
    """As many lines as there is room for; how many were left out is said."""
    kept, left = list(lines), 0
    while True:
        cut = f"\n- and {left} more" if left else ""
        text = "\n".join([headline, *([""] if kept else []), *kept]) + cut + more
        if len(text) <= longest or not kept:
            return text[:longest]
        kept.pop()
        left += 1


def unmapped(asked: Mapping[str, str]) -> str:
    """What is said where nothing says which target an environment is."""
    place = f"**{_md(asked['environment'])}** of {_md(asked['repository'])}"
    return (
        f"Nothing says which target the environment {place} is, so nothing could be checked. "
        f"An admin adds it under Settings → GitHub; the repository's number is {asked['repository_id']}."
    )[:LONGEST_COMMENT]


def trouble(told: str) -> str:
    """What is said while the gate itself is in trouble."""
    return f"The gate could not answer yet, and tries again: {_md(told)}"[:LONGEST_COMMENT]


def description(answer: Mapping[str, Any]) -> str:
    """One line about the decision and its time, as a status stays when the answer has expired."""
    at = answer["evaluated_at"][:16].replace("T", " ")
    not_allowing = [one["guard"] for one in answer["guards"] if one["effective"] != "allow"]
    names = ", ".join([*(one["reason_code"] for one in answer["reasons"]), *not_allowing])
    told = f"{answer['decision'].replace('_', ' ')} at {at} UTC{f': {names}' if names else ''}"
    return told if len(told) <= LONGEST_DESCRIPTION else f"{told[: LONGEST_DESCRIPTION - 1]}…"


def _md(value: object) -> str:
    """Text as it is: no markup, no line of its own, nobody mentioned."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
    return SIGNS.sub(r"\\\1", one_line[:300]).replace("@", "@\u2060")
