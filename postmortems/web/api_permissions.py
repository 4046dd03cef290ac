"""Permissions of API endpoints, checked before the body is read.

So whoever may not write is told so, and learns nothing of what a right body would be. What has no entry here
and is no plain reading is closed; the operations ask again, and more closely.
"""

from __future__ import annotations

from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.errors import NotAllowed
from postmortems.guards.evidence import refusals

# By endpoint: all that writes, and the readings for which it takes more than to read.
ACTS = {
    "approvals_api.approve": "review.approve",
    "approvals_api.ask": "incident.save",
    "approvals_api.set_rule": "publish_rule.edit",
    "approvals_api.skip": "incident.save",
    "approvals_api.take_up": "incident.save",
    "approvals_api.withdraw": "incident.save",
    "approvals_api.withdraw_approval": "review.approve",
    "audit_api.list_events": "people.manage",
    "attachments_api.create": "incident.save",
    "attachments_api.remove": "incident.save",
    "capture_api.note": "incident.save",
    "commands_api.add_run": "evidence.write",
    "channels_api.add": "channel.manage",
    "channels_api.change": "channel.manage",
    "channels_api.index": "channel.manage",
    "channels_api.list_deliveries": "channel.manage",
    "channels_api.remove": "channel.manage",
    "channels_api.send_again": "channel.manage",
    "channels_api.show": "channel.manage",
    "channels_api.test": "channel.manage",
    "comments_api.add": "comment.write",
    "comments_api.apply": "incident.save",
    "comments_api.edit": "comment.write",
    "comments_api.remove": "comment.write",
    "mentions_api.edit": "comment.write",
    "digests_api.change_mine": "notification.edit",
    "digests_api.change_teams": "notification.edit",
    "drafts_api.create": "incident.save",
    "drafts_api.discard": "incident.save",
    "drafts_api.discard_of_incident": "incident.save",
    "drafts_api.keep_of_incident": "incident.save",
    "drafts_api.replace": "incident.save",
    "public_reports_api.approve": "public_report.approve",
    "public_reports_api.ask": "public_report.edit",
    "public_reports_api.discard": "public_report.edit",
    "public_reports_api.publish": "public_report.edit",
    "public_reports_api.replace": "public_report.edit",
    "public_reports_api.withdraw": "public_report.edit",
    "public_reports_api.withdraw_approval": "public_report.edit",
    "publications_api.add_outlet": "integration.manage",
    "publications_api.change_outlet": "integration.manage",
    "publications_api.list_outlets": "incident.save",
    "publications_api.publish_one": "incident.save",
    "publications_api.remove_outlet": "integration.manage",
    "presence_api.leave": "incident.save",
    "presence_api.say": "incident.save",
    "evidence_api.add_attestation": "evidence.write",
    "evidence_api.add_deploy": "evidence.write",
    "evidence_api.add_facts": "evidence.write",
    "evidence_api.add_resolution": "evidence.sign",
    "evidence_api.add_statement": "evidence.write",
    "findings_api.settle_finding": "finding.settle",
    "followup_api.edit": "item.edit",
    "items_api.accept": "item.edit",
    "items_api.add_blocker": "item.edit",
    "items_api.add_comment": "comment.write",
    "items_api.confirm": "item.confirm",
    "items_api.decline": "item.edit",
    "items_api.merge": "item.edit",
    "items_api.remove_blocker": "item.edit",
    "items_api.undo_merge": "item.edit",
    "blocks_api.confirm_block": "block.confirm",
    "gate_api.ask": "gate.ask",
    "gate_api.verify_decision": "gate.ask",
    "guards_api.add_guard": "guard.edit",
    "guards_api.add_service": "service.edit",
    "guards_api.edit_guard": "guard.edit",
    "guards_api.edit_service": "service.edit",
    "guards_api.remove_guard": "guard.edit",
    "guards_api.remove_service": "service.edit",
    "guards_api.show_last_look": "secret.manage",
    "guards_api.test_guard": "guard.test",
    "heartbeats_api.make_key": "guard.edit",
    "history_api.restore": "incident.save",
    "imports_api.apply": "incident.save",
    "imports_api.create": "incident.save",
    "imports_api.discard": "incident.save",
    "imports_api.index": "incident.save",
    "imports_api.show": "incident.save",
    "incidents_api.create": "incident.save",
    "incidents_api.delete": "incident.delete",
    "incidents_api.replace": "incident.save",
    "notifications_api.change_settings": "notification.edit",
    "notifications_api.edit": "notification.edit",
    "notifications_api.read_all": "notification.edit",
    "notifications_api.set_address": "people.manage",
    "notify_api.add_webhook": "webhook.manage",
    "notify_api.edit_webhook": "webhook.manage",
    "notify_api.list_messages": "webhook.manage",
    "notify_api.list_webhooks": "webhook.manage",
    "notify_api.remove_webhook": "webhook.manage",
    "notify_api.rotate_secret": "webhook.manage",
    "notify_api.send_message": "webhook.manage",
    "overrides_api.add_waiver": "waiver.edit",
    "overrides_api.end_waiver": "waiver.edit",
    "overrides_api.grant_waiver": "waiver.edit",
    "overrides_api.grant_override": "override.grant",
    "overrides_api.refuse_override": "override.grant",
    "overrides_api.request_override": "override.request",
    "people_api.add_identity": "people.manage",
    "people_api.list_identities": "people.manage",
    "people_api.remove_identity": "people.manage",
    "programs_api.change": "service_account.manage",
    "programs_api.create": "service_account.manage",
    "programs_api.index": "service_account.manage",
    "restrictions_api.break_it": "incident.restrict",
    "restrictions_api.end": "incident.restrict",
    "restrictions_api.list_restrictions": "incident.restrict",
    "report_mail_api.send": "report.mail",
    "reviews_api.answer": "incident.save",
    "scenarios_api.add_scenario": "scenario.edit",
    "scenarios_api.drill_live": "drill.run",
    "scenarios_api.drill_scenario": "drill.run",
    "scenarios_api.edit_scenario": "scenario.edit",
    "scenarios_api.remove_scenario": "scenario.edit",
    "secrets_api.forget_secret": "secret.manage",
    "secrets_api.keep_secret": "secret.manage",
    "secrets_api.list_secrets": "secret.manage",
    "signing_api.acknowledge_policy": "policy.acknowledge",
    "signing_api.add_signoff": "evidence.sign",
    "signing_api.publish_policy": "policy.edit",
    "syncs_api.change": "remote.manage",
    "syncs_api.create": "remote.manage",
    "syncs_api.index": "remote.manage",
    "syncs_api.remove": "remote.manage",
    "syncs_api.run": "remote.manage",
    "syncs_api.show": "remote.manage",
    "written_api.bring": "guard.edit",
    "bulk_edits_api.create": "item.edit",
    "bulk_edits_api.show": "item.edit",
    "bulk_edits_api.undo": "item.edit",
    "due_policies_api.change": "due_policy.edit",
    "due_policies_api.change_calendar": "due_policy.edit",
    "due_policies_api.create": "due_policy.edit",
    "due_policies_api.create_calendar": "due_policy.edit",
    "due_policies_api.delete": "due_policy.edit",
    "due_policies_api.delete_calendar": "due_policy.edit",
    "due_policies_api.end_exception": "item.edit",
    "due_policies_api.grant_exception": "item.edit",
    "due_policies_api.list_redates": "due_policy.edit",
    "due_policies_api.preview": "due_policy.edit",
    "due_policies_api.show_redate": "due_policy.edit",
    "due_policies_api.undo_redate": "due_policy.edit",
    "tickets_api.add_policy": "integration.manage",
    "tickets_api.add_ticket": "item.edit",
    "tickets_api.add_tracker": "integration.manage",
    "tickets_api.create_many": "item.edit",
    "tickets_api.decide": "item.edit",
    "tickets_api.edit_tracker": "integration.manage",
    "tickets_api.forget_account": "integration.manage",
    "tickets_api.list_accounts": "integration.manage",
    "tickets_api.list_policies": "integration.manage",
    "tickets_api.look": "item.edit",
    "tickets_api.name_account": "integration.manage",
    "tickets_api.remove_policy": "integration.manage",
    "tickets_api.remove_ticket": "item.edit",
    "tickets_api.remove_tracker": "integration.manage",
    "views_api.change": "view.edit",
    "views_api.choose": "view.edit",
    "views_api.choose_none": "view.edit",
    "views_api.create": "view.edit",
    "views_api.remove": "view.edit",
    "teams_api.change": "team.edit",
    "teams_api.create": "team.edit",
    "teams_api.delete": "team.edit",
    "teams_api.forget_owner": "team.edit",
    "teams_api.name_owner": "team.edit",
    "templates_api.bring_back": "template.edit",
    "templates_api.change": "template.edit",
    "templates_api.create": "template.edit",
    "templates_api.delete": "template.edit",
}
# What a token must be allowed to read, one of these, by blueprint; the views ask more closely.
READING = {
    "gate_api": ("gate.read",),
    "findings_api": ("gate.read",),
    "blocks_api": ("gate.read", "guard.read"),
    "overrides_api": ("gate.read",),
    "guards_api": ("guard.read",),
    "commands_api": ("gate.ask",),
    "heartbeats_api": ("guard.read",),
    "notifications_api": ("notification.read",),
    "digests_api": ("notification.read",),
    "report_catalog_api": ("report.read",),
    "report_months_api": ("report.read",),
    "reports_api": ("report.read",),
    "signing_api": ("gate.read", "policy.read"),
}
ELSEWHERE = ("incident.read",)
# Where the body says what is wanted: it asks for the permission itself, by what was named.
BY_THE_BODY = frozenset({"assistants_api.answer"})
# What concerns more than one team's incidents: a role in a team counts nothing.
FOR_ALL = frozenset(
    {
        "imports_api.apply",
        "imports_api.create",
        "imports_api.discard",
        "imports_api.index",
        "imports_api.show",
        "publications_api.list_outlets",
        "publications_api.publish_one",
        "reviews_api.answer",
        "scenarios_api.drill_live",
    }
)
EVIDENCE = frozenset({"evidence.write", "evidence.sign"})


def require(actor: Actor, endpoint: str, *, is_read: bool) -> None:
    """Raise `NotSignedIn` or `NotAllowed` unless the actor may use this address of the API."""
    if endpoint in BY_THE_BODY:
        return
    act = ACTS.get(endpoint)
    if act is not None:
        _require(actor, act, is_for_all=endpoint in FOR_ALL)
        return
    if not is_read:
        raise NotAllowed("it is not settled who may do this, so nobody may")
    any_of = READING.get(endpoint.partition(".")[0], ELSEWHERE)
    if not any(permissions.may(actor, act) for act in any_of):
        permissions.require(actor, any_of[0])


def _require(actor: Actor, act: str, *, is_for_all: bool) -> None:
    if act in EVIDENCE and not permissions.may(actor, act):
        # Somebody who makes up evidence is worth a look.
        with refusals.telling(actor):
            permissions.require(actor, act)
    if is_for_all:
        permissions.require(actor, act)
    # It is not known yet whose it is about: operations ask again, with the teams that have it.
    permissions.require_anywhere(actor, act)
