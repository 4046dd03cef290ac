"""What the gate answers, as its client is given it."""

from __future__ import annotations

from typing import Any

from tests.artifacts import digest


def guard(**changes: Any) -> dict[str, Any]:
    answered: dict[str, Any] = {
        "guard": "lab-hours",
        "kind": "window",
        "level": "soft",
        "verdict": "fail",
        "effective": "block",
        "reason_code": "window_closed",
        "summary": "frozen until 19:00 PST (labs)",
        "observed": "15:30 PST",
        "expected": {"not_between": ["09:00", "19:00"]},
        "checked_at": None,
        "next_possible_at": "2018-01-25T19:00:00-08:00",
        "remedy": "Wait for the labs to end.",
        "because": [
            {
                "incident": {
                    "slug": "x",
                    "title": "Accidental merge",
                    "date": "2018-01-25",
                    "url": "/incidents/x",
                },
                "action_item": {
                    "id": "AI-1",
                    "text": "Know the policy.",
                    "owner": "@sam",
                    "url": "/incidents/x#AI-1",
                },
            }
        ],
    }
    return answered | changes


def answer(*guards: dict[str, Any], **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": "dec_1",
        "decision": "block",
        "service": "data8",
        "target": "data8/prod",
        "artifact": {"digest": digest("8c"), "sha": "", "components": {}},
        "valid_until": "2018-01-25T15:40:00-08:00",
        "incidents": 1,
        "reasons": [],
        "guards": list(guards) or [guard(), guard(guard="named", verdict="pass", effective="allow")],
        "warnings": [],
    }
    return told | changes
