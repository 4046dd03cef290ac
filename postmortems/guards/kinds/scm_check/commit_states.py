"""Commit states of GitHub and GitLab, one for the name of each check."""

from __future__ import annotations

from typing import Any

# What the providers say, in our words; what is not here is told as it is and does not pass.
SUCCESS, WAITING = "success", "pending"
STATES = {
    "success": SUCCESS,
    "pending": WAITING,
    "queued": WAITING,
    "in_progress": WAITING,
    "waiting": WAITING,
    "requested": WAITING,
    "created": WAITING,
    "running": WAITING,
    "preparing": WAITING,
    "scheduled": WAITING,
    "waiting_for_resource": WAITING,
    "canceled": "cancelled",
}


def github(contents: list[Any], app_id: int | None) -> dict[str, str]:
    """By name, the state of each status and of the newest check run; a bad one outweighs a good one."""
    combined, runs = contents
    found: dict[str, str] = {}
    for run in sorted(runs["check_runs"], key=lambda run: int(run["id"])):
        if app_id is None or (run.get("app") or {}).get("id") == app_id:
            found[run["name"]] = _state(run["conclusion"] if run["status"] == "completed" else run["status"])
    if app_id is not None:
        return found
    for status in combined["statuses"]:
        state, name = _state(status["state"]), status["context"]
        if found.get(name, SUCCESS) == SUCCESS:
            found[name] = state
    return found


def gitlab(contents: list[Any], app_id: int | None) -> dict[str, str]:
    """By name, the state of its newest status."""
    return {one["name"]: _state(one["status"]) for one in sorted(contents[0], key=lambda one: int(one["id"]))}


def _state(said: Any) -> str:
    return STATES.get(str(said), str(said)[:40])
