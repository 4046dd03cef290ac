"""The tracker on loopback speaks the published shapes, as far as we read them.

What must be there and of which type is taken from the packages @octokit/webhooks-schemas 7.6.1 (`issue`) and
@linear/sdk 98.0.0 (`Issue`), and from GitLab's and Atlassian's manuals.
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from tests.trackers.desk import Desk, desk

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
MAYBE_TEXT = {"type": ["string", "null"]}
INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$"}
MAYBE_DAY = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\d$"}


def of(required: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": required | more}


SHAPES = {
    "github": of(
        {
            "number": NUMBER,
            "html_url": TEXT,
            "title": TEXT,
            "body": MAYBE_TEXT,
            "state": {"enum": ["open", "closed"]},
            "assignees": {"type": "array", "items": of({"login": TEXT, "id": NUMBER})},
            "updated_at": INSTANT,
        },
        state_reason=MAYBE_TEXT,
        closed_by={"type": ["object", "null"]},
    ),
    "gitlab": of(
        {
            "iid": NUMBER,
            "web_url": TEXT,
            "title": TEXT,
            "description": MAYBE_TEXT,
            "state": {"enum": ["opened", "closed"]},
            "assignees": {"type": "array", "items": of({"id": NUMBER, "username": TEXT})},
            "due_date": MAYBE_DAY,
            "updated_at": INSTANT,
        }
    ),
    "jira": of(
        {
            "id": TEXT,
            "key": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]+-[0-9]+$"},
            "fields": of(
                {
                    "summary": TEXT,
                    "status": of(
                        {
                            "name": TEXT,
                            "statusCategory": of({"key": {"enum": ["new", "indeterminate", "done"]}}),
                        }
                    ),
                    "resolution": {"type": ["object", "null"]},
                    "assignee": {"type": ["object", "null"]},
                    "duedate": MAYBE_DAY,
                    "updated": INSTANT,
                }
            ),
        }
    ),
    "linear": of(
        {
            "id": TEXT,
            "identifier": TEXT,
            "url": TEXT,
            "title": TEXT,
            "description": MAYBE_TEXT,
            "dueDate": MAYBE_DAY,
            "updatedAt": INSTANT,
            "state": of(
                {
                    "type": {
                        "enum": [
                            *(
                                "triage",
                                "backlog",
                                "unstarted",
                                "started",
                                "completed",
                                "canceled",
                                "duplicate",
                            )
                        ]
                    }
                }
            ),
            "assignee": {"type": ["object", "null"]},
        }
    ),
}


def told(there: Desk, number: int) -> dict[str, Any]:
    found: dict[str, Any] = getattr(there, f"{there.service}_issue")(there.rows[number])
    return found


@pytest.mark.parametrize("service", list(SHAPES))
@pytest.mark.parametrize("state", ["open", "done", "dropped"])
def test_what_it_tells_is_of_the_published_shape(service: str, state: str) -> None:
    with desk(service) as there:
        there.add("Alert early", state=state, people=["ada"], due="2026-04-01", closed_by="ben")
        there.add("Alert late", state=state)

        for number in there.rows:
            jsonschema.validate(told(there, number), SHAPES[service])
