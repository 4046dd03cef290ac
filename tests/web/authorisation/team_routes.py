"""Addresses of the acts that a team can give: by endpoint, a body that is let in where the teams allow it.

Beside those about an incident or item there are those of which nobody knows yet whose they are, or which are
about what is one's own (`ANYWHERE`), and those for which it takes a role that counts everywhere (`GLOBAL`).
"""

from __future__ import annotations

from typing import Any

REASON = {"reason": "nothing was lost by it at all"}
DOCUMENT = {"title": "Something went wrong", "severity": "SEV2", "services": ["data8/prod"]}
PUBLIC = {"title": "It was down", "summary": "", "sections": [], "pictures": [], "kept": []}
DAYS = {"due": "2030-01-02", "until": "2030-02-02", **REASON}
WAIVER = {"kind": "pause", "guard": "lab-hours", "target": "data8/prod", "until": "2026-03-03T10:00:00Z"}
WAIVER |= {"zone": "UTC", **REASON}

# Of an incident, an item or a target: a form's fields, the JSON of an API, or None where nothing is sent.
ABOUT: dict[str, dict[str, Any] | None] = {
    "approvals.ask": {"reviewers": "ned"},
    "approvals.publish": {"version": "1"},
    "approvals.skip": REASON,
    "approvals_api.ask": {"reviewers": ["ned"]},
    "approvals_api.skip": REASON,
    "approvals_api.take_up": None,
    "approvals_api.withdraw": None,
    "attachments.remove": {},
    "attachments_api.remove": None,
    "capture_api.note": {"text": "It went on."},
    "comments.apply": {},
    "comments.delete": {},
    "comments.resolve": {},
    "comments_api.apply": None,
    "comments_api.remove": None,
    "due_policies.except_item": DAYS,
    "due_policies_api.end_exception": None,
    "due_policies_api.grant_exception": DAYS,
    "decisions.answer_override": {},
    "followup.edit": {"priority": "P1"},
    "followup.edit_row": {"priority": "P1"},
    "followup_api.edit": {"priority": "P1"},
    "history.preview": None,
    "history.restore": {},
    "history_api.restore": {},
    "incidents.delete": {},
    "incidents.dismiss": {},
    "incidents_api.delete": None,
    "incidents_api.replace": DOCUMENT | {"version": 1},
    "items.accept": {},
    "items.add_blocker": {"blocker": "AI-2"},
    "items.confirm": {},
    "items.decline": REASON,
    "items.merge": {"into": "AI-2"},
    "items.remove_blocker": {"blocker": "AI-2"},
    "items.undo_merge": {},
    "items_api.accept": {},
    "items_api.add_blocker": None,
    "items_api.confirm": {},
    "items_api.decline": REASON,
    "items_api.merge": {"into": "AI-2"},
    "items_api.remove_blocker": None,
    "items_api.undo_merge": None,
    "overrides_api.add_waiver": WAIVER,
    "overrides_api.end_waiver": None,
    "presence_api.say": {"part": ""},
    "public_reports.approve": {"do": "approve"},
    "public_reports.discard": {},
    "public_reports.publish": {},
    "public_reports.save": {"title": "It was down"},
    "public_reports_api.approve": {"digest": "0" * 64},
    "public_reports_api.ask": None,
    "public_reports_api.discard": None,
    "public_reports_api.publish": None,
    "public_reports_api.replace": PUBLIC,
    "public_reports_api.withdraw": None,
    "public_reports_api.withdraw_approval": None,
    "queue.decide": {"act": "decline", **REASON},
    "scenario_form.edit": None,
    "scenario_form.record_for": {},
    "scenario_form.save": {"name": "wrong"},
    "scenarios.delete": {},
    "scenarios.drill": {},
    "scenarios.drill_incident": {},
    "scenarios_api.drill_scenario": None,
    "scenarios_api.edit_scenario": {"name": "as wrong"},
    "scenarios_api.remove_scenario": None,
    "tickets.add": {"tracker": "1"},
    "tickets.decide": {"field": "title", "choice": "ours"},
    "tickets.look": {},
    "tickets.unlink": {},
    "tickets_api.add_ticket": {"tracker": 1},
    "tickets_api.decide": {"field": "title", "choice": "ours"},
    "tickets_api.look": None,
    "tickets_api.remove_ticket": None,
    "waivers.add": WAIVER | {"until": "2026-03-03T10:00"},
    "waivers.end": {},
    "waivers.grant": {},
    "writing.edit": None,
    "writing.save": {"title": "Something went wrong", "version": "1"},
}
# These go back to the page, which says what was refused.
SAID_ON_THE_PAGE = frozenset(
    {"approvals.ask", "approvals.publish", "approvals.skip", "public_reports.approve"}
    | {"decisions.answer_override"}
    | {"public_reports.discard", "public_reports.publish"}
)
ANYWHERE = frozenset(
    {
        # One's own, which nobody else sees.
        *("drafts.discard", "drafts.keep", "drafts_api.create", "drafts_api.discard"),
        *("drafts_api.discard_of_incident", "drafts_api.keep_of_incident", "drafts_api.replace"),
        *("attachments.begin", "attachments.give", "attachments_api.create", "presence_api.leave"),
        # Read as it is typed: nothing is stored.
        *("pasted.document", "write.changes", "write.choices", "write.lacking", "write.pasted_rows"),
        *("write.times", "write.whole", "writing.begin", "scenario_form.as_text"),
        # Each row, and each new incident, is asked about for itself.
        *("bulk_edits_api.create", "bulk_edits_api.show", "bulk_edits_api.undo", "bulk_pages.apply"),
        *("bulk_pages.bar", "bulk_pages.create", "bulk_pages.show", "bulk_pages.undo"),
        *("tickets.add_many", "tickets_api.create_many", "incidents_api.create", "writing.create"),
        # Of the incident that is named in what is sent.
        *("scenario_form.begin", "scenario_form.create", "scenario_form.record_for_new"),
        "scenarios_api.add_scenario",
    }
)
# No token may, whoever's it is: their pages are tried.
BY_PERSON = frozenset(
    {"overrides_api.grant_override", "overrides_api.grant_waiver", "overrides_api.refuse_override"}
)
GLOBAL = frozenset(
    {
        # Whole folders, with reports about everything.
        *("imports.apply", "imports.begin", "imports.discard", "imports.file", "imports.give"),
        *("imports.show", "imports.work", "imports_api.apply", "imports_api.create"),
        *("imports_api.discard", "imports_api.index", "imports_api.show"),
        # Where the service is connected with others.
        *("incident_publications.index", "incident_publications.publish_one"),
        *("publications_api.list_outlets", "publications_api.publish_one"),
        *("reviews.answer", "reviews_api.answer"),
        # The gate itself is asked, with all that covers the target.
        *("scenarios.drill_live", "scenarios_api.drill_live"),
    }
)
