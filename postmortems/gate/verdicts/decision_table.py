"""The decision table: what the verdicts of all guards lead to. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# From best to worst: the worst of all guards is the decision. No scores, no averages.
DECISIONS = ("allow", "allow_with_warnings", "wait", "block")
LETS_THROUGH = frozenset({"allow", "allow_with_warnings"})
ENFORCING = frozenset({"soft", "hard"})
RED = frozenset({"fail", "stale"})
GREEN = frozenset({"pass", "not_applicable"})
CALM = frozenset({"pass", "not_applicable", "waived"})
_UNDECIDED = frozenset({"pending", "inconclusive"})


def effective(level: str, verdict: str, on_error: str) -> str:
    """What one guard's verdict asks of the deploy, by the guard's level.

    `on_error` (block or warn) says what an enforcing guard does when it could not be evaluated.
    """
    if level == "shadow" or verdict in CALM:
        return "allow"
    if level == "advisory":
        return "allow_with_warnings"
    if verdict in _UNDECIDED:
        return "wait"
    if verdict == "error" and on_error == "warn":
        return "allow_with_warnings"
    return "block"


def combine(effects: Iterable[str]) -> str:
    """The worst wins. Nothing to combine is `allow`: that no guard was asked, the caller warns of."""
    return max(effects, key=DECISIONS.index, default="allow")
