"""The application factory: reads as a table of contents."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import postmortems
from postmortems import config, limits
from postmortems.accounts import api as accounts_api
from postmortems.accounts import ci_identity_pages, settings_pages
from postmortems.accounts import pages as accounts_pages
from postmortems.accounts.browsers import pages as browser_pages
from postmortems.accounts.company import identity_pages
from postmortems.accounts.company import pages as company_pages
from postmortems.accounts.factors import all_pages as factor_pages
from postmortems.accounts.lifecycle import pages as lifecycle_pages
from postmortems.accounts.programs import api as programs_api
from postmortems.accounts.programs import pages as programs_pages
from postmortems.accounts.scim import api as scim_api
from postmortems.accounts.teams import api as teams_api
from postmortems.accounts.teams import pages as team_pages
from postmortems.accounts.tokens import pages as token_pages
from postmortems.assistants import api as assistants_api
from postmortems.audit import api as audit_api
from postmortems.audit import pages as audit_pages
from postmortems.capture import api as capture_api
from postmortems.capture import chat_api
from postmortems.capture.chats import api as chat_buttons_api
from postmortems.capture.chats import pages as chat_pages
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.document.readers import parse_process
from postmortems.exchange.git_sync import api as git_sync_api
from postmortems.exchange.git_sync import pages as git_sync_pages
from postmortems.exchange.imports import api as import_api
from postmortems.exchange.imports import pages as import_pages
from postmortems.exchange.publishing import api as publications_api
from postmortems.exchange.publishing import incident_pages as incident_publication_pages
from postmortems.exchange.publishing import pages as publication_pages
from postmortems.followup import api as item_api
from postmortems.followup import pages as item_pages
from postmortems.followup import queue_pages
from postmortems.followup.bulk import api as bulk_edits_api
from postmortems.followup.bulk import pages as bulk_edit_pages
from postmortems.followup.feeds import pages as feed_pages
from postmortems.followup.item import api as items_api
from postmortems.followup.item import pages as one_item_pages
from postmortems.followup.policies import api as due_policies_api
from postmortems.followup.policies import pages as due_policy_pages
from postmortems.followup.views import api as views_api
from postmortems.followup.views import pages as view_pages
from postmortems.gate import download_pages, flagger_api
from postmortems.gate.as_code import api as as_code_api
from postmortems.gate.decisions import api as decisions_api
from postmortems.gate.decisions import detail_pages
from postmortems.gate.decisions import pages as decisions_pages
from postmortems.gate.effectiveness import api as effectiveness_api
from postmortems.gate.exemptions import api as exemptions_api
from postmortems.gate.exemptions import pages as exemptions_pages
from postmortems.gate.findings import api as findings_api
from postmortems.gate.findings import pages as findings_pages
from postmortems.gate.scenarios import api as scenarios_api
from postmortems.gate.scenarios import pages as scenarios_pages
from postmortems.gate.scenarios.form import pages as form_pages
from postmortems.gate.suggestions import pages as suggestions_pages
from postmortems.github import api as github_api
from postmortems.github import settings_pages as github_pages
from postmortems.gitlab import api as gitlab_api
from postmortems.gitlab import settings_pages as gitlab_pages
from postmortems.guards import api as guard_api
from postmortems.guards import pages as guard_pages
from postmortems.guards.evidence import api as evidence_api
from postmortems.guards.kinds.command import api as command_api
from postmortems.guards.kinds.heartbeat import api as heartbeat_api
from postmortems.guards.kinds.heartbeat import pages as heartbeat_pages
from postmortems.guards.kinds.signoff import api as signoff_api
from postmortems.guards.kinds.signoff import pages as signoff_pages
from postmortems.guards.policies import pages as policies_pages
from postmortems.guards.services import pages as services_pages
from postmortems.incidents import api as incident_api
from postmortems.incidents import pages as incident_pages
from postmortems.incidents.approvals import api as approvals_api
from postmortems.incidents.approvals import pages as approval_pages
from postmortems.incidents.attachments import api as attachments_api
from postmortems.incidents.attachments import pages as attachments_pages
from postmortems.incidents.comments import api as comments_api
from postmortems.incidents.comments import pages as comment_pages
from postmortems.incidents.drafts import api as drafts_api
from postmortems.incidents.drafts import pages as drafts_pages
from postmortems.incidents.editor import edit_pages, live_pages, pasted_pages
from postmortems.incidents.history import api as history_api
from postmortems.incidents.history import pages as history_pages
from postmortems.incidents.mentions import api as mentions_api
from postmortems.incidents.mentions import pages as mention_pages
from postmortems.incidents.presence import api as presence_api
from postmortems.incidents.public_reports import api as public_reports_api
from postmortems.incidents.public_reports import pages as public_report_pages
from postmortems.incidents.public_reports import site_pages
from postmortems.incidents.restricted import api as restricted_api
from postmortems.incidents.restricted import pages as restricted_pages
from postmortems.incidents.templates import api as templates_api
from postmortems.incidents.templates import pages as template_pages
from postmortems.notify import api as notify_api
from postmortems.notify import webhook_pages
from postmortems.notify.access import pages as access_pages
from postmortems.notify.channels import api as channels_api
from postmortems.notify.channels import pages as channel_pages
from postmortems.notify.digests import api as digests_api
from postmortems.notify.digests import pages as digest_pages
from postmortems.notify.inbox import api as inbox_api
from postmortems.notify.inbox import pages as inbox_pages
from postmortems.notify.monthly import api as monthly_mail_api
from postmortems.notify.monthly import pages as monthly_mail_pages
from postmortems.notify.people import pages as notification_settings_pages
from postmortems.reports import api as report_api
from postmortems.reports import pages as report_pages
from postmortems.reports.catalog import api as report_catalog_api
from postmortems.reports.catalog import pages as report_catalog_pages
from postmortems.reports.coverage import api as coverage_api
from postmortems.reports.coverage import pages as coverage_pages
from postmortems.reports.monthly import api as monthly_report_api
from postmortems.reports.monthly import pages as monthly_report_pages
from postmortems.reports.services import badge_pages, catalog_api, metrics_pages
from postmortems.reviews import api as review_api
from postmortems.reviews import pages as review_pages
from postmortems.search import api as search_api
from postmortems.search import pages as search_pages
from postmortems.tickets import api as tickets_api
from postmortems.tickets import pages as ticket_pages
from postmortems.tickets import settings_pages as tracker_pages
from postmortems.tickets.hooks import pages as ticket_hooks
from postmortems.vault import api as vault_api
from postmortems.vault import pages as vault_pages
from postmortems.vault.runtime import Runtime
from postmortems.web import (
    auth,
    compression,
    error_responses,
    headers,
    health,
    help,
    render,
    rendered_parts,
    security_contact,
    transactions,
    unsent,
)
from postmortems.web.home import api as home_api
from postmortems.web.home import pages as home_pages
from postmortems.web.kept import parts
from postmortems.web.openapi import openapi
from postmortems.web.openapi.contract import Api
from postmortems.web.server import admission
from postmortems.web.server.plain_flask import FormsInterface, PlainFlask, PlainJson
from postmortems.web.watching import request_log

ROOT = Path(__file__).resolve().parents[2]

PAGES = (
    health.blueprint,
    security_contact.blueprint,
    openapi.blueprint,
    home_pages.blueprint,
    search_pages.blueprint,
    incident_pages.blueprint,
    edit_pages.blueprint,
    live_pages.blueprint,
    pasted_pages.blueprint,
    history_pages.blueprint,
    comment_pages.blueprint,
    mention_pages.blueprint,
    approval_pages.blueprint,
    public_report_pages.blueprint,
    site_pages.blueprint,
    template_pages.blueprint,
    attachments_pages.blueprint,
    drafts_pages.blueprint,
    restricted_pages.blueprint,
    import_pages.blueprint,
    review_pages.blueprint,
    git_sync_pages.blueprint,
    item_pages.blueprint,
    one_item_pages.blueprint,
    bulk_edit_pages.blueprint,
    view_pages.blueprint,
    queue_pages.blueprint,
    feed_pages.blueprint,
    report_pages.blueprint,
    report_catalog_pages.blueprint,
    monthly_report_pages.blueprint,
    monthly_mail_pages.blueprint,
    metrics_pages.blueprint,
    badge_pages.blueprint,
    guard_pages.blueprint,
    heartbeat_pages.blueprint,
    signoff_pages.blueprint,
    policies_pages.blueprint,
    services_pages.blueprint,
    decisions_pages.blueprint,
    detail_pages.blueprint,
    exemptions_pages.blueprint,
    form_pages.blueprint,
    scenarios_pages.blueprint,
    download_pages.blueprint,
    findings_pages.blueprint,
    coverage_pages.blueprint,
    suggestions_pages.blueprint,
    accounts_pages.blueprint,
    company_pages.blueprint,
    identity_pages.blueprint,
    settings_pages.blueprint,
    *factor_pages.BLUEPRINTS,
    browser_pages.blueprint,
    access_pages.blueprint,
    audit_pages.blueprint,
    lifecycle_pages.blueprint,
    scim_api.blueprint,
    programs_pages.blueprint,
    team_pages.blueprint,
    token_pages.blueprint,
    due_policy_pages.blueprint,
    ci_identity_pages.blueprint,
    vault_pages.blueprint,
    webhook_pages.blueprint,
    notification_settings_pages.blueprint,
    inbox_pages.blueprint,
    digest_pages.blueprint,
    channel_pages.blueprint,
    chat_pages.blueprint,
    github_pages.blueprint,
    gitlab_pages.blueprint,
    ticket_hooks.blueprint,
    assistants_api.blueprint,
    ticket_pages.blueprint,
    tracker_pages.blueprint,
    publication_pages.blueprint,
    incident_publication_pages.blueprint,
    help.blueprint,
)
APIS = (
    home_api.blueprint,
    search_api.blueprint,
    incident_api.blueprint,
    history_api.blueprint,
    comments_api.blueprint,
    mentions_api.blueprint,
    approvals_api.blueprint,
    public_reports_api.blueprint,
    templates_api.blueprint,
    attachments_api.blueprint,
    drafts_api.blueprint,
    presence_api.blueprint,
    capture_api.blueprint,
    chat_api.blueprint,
    chat_buttons_api.blueprint,
    restricted_api.blueprint,
    import_api.blueprint,
    review_api.blueprint,
    git_sync_api.blueprint,
    item_api.blueprint,
    items_api.blueprint,
    guard_api.blueprint,
    evidence_api.blueprint,
    command_api.blueprint,
    heartbeat_api.blueprint,
    signoff_api.blueprint,
    decisions_api.blueprint,
    scenarios_api.blueprint,
    as_code_api.blueprint,
    exemptions_api.blueprint,
    flagger_api.blueprint,
    findings_api.blueprint,
    effectiveness_api.blueprint,
    coverage_api.blueprint,
    report_api.blueprint,
    report_catalog_api.blueprint,
    catalog_api.blueprint,
    monthly_report_api.blueprint,
    monthly_mail_api.blueprint,
    accounts_api.blueprint,
    audit_api.blueprint,
    programs_api.blueprint,
    teams_api.blueprint,
    bulk_edits_api.blueprint,
    views_api.blueprint,
    due_policies_api.blueprint,
    vault_api.blueprint,
    notify_api.blueprint,
    inbox_api.blueprint,
    digests_api.blueprint,
    channels_api.blueprint,
    github_api.blueprint,
    gitlab_api.blueprint,
    tickets_api.blueprint,
    publications_api.blueprint,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings, by default the environment's; raises `errors.Misconfigured`."""
    settings = settings or Settings.from_env()
    app = assemble(settings)
    attach(app, settings)
    parse_process.install()
    sys.setswitchinterval(admission.A_TURN_S)
    admitted = admission.Admission(app.wsgi_app)
    app.wsgi_app = request_log.Watched(  # type: ignore[method-assign]
        admitted, believes_ids=settings.trusted_proxies > 0
    )
    return app


def assemble(settings: Settings) -> Flask:
    """Its routes, headers and description: the slow part, and the same for any database."""
    app = PlainFlask("postmortems", static_folder=ROOT / "static", template_folder=ROOT / "templates")
    app.json = PlainJson(app)
    app.session_interface = FormsInterface()
    app.config.from_mapping(_flask_settings(settings))

    compression.install(app)
    request_log.install(app)
    error_responses.install(app)
    auth.install(app, settings.url)
    unsent.install(app)
    transactions.install(app)
    headers.install(app, is_https=settings.is_https)
    render.install(app)

    api = Api(app, spec_kwargs=openapi.description(settings.url))
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for api_blueprint in APIS:
        api.register_blueprint(api_blueprint)
    app.extensions["openapi"] = api.described
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


def attach(app: Flask, settings: Settings) -> None:
    """Let this process use the database, the secrets and the network as these settings say."""
    app.extensions["settings"] = settings
    app.extensions["runtime"] = Runtime.of(settings)
    app.extensions["shown"] = rendered_parts.install()
    app.extensions["kept_parts"] = parts.install()
    db.connect(settings.database_url, settings.files, settings.read_database_url)


def _flask_settings(settings: Settings) -> dict[str, Any]:
    prefix = "__Host-" if settings.is_https else ""
    return {
        "SECRET_KEY": config.secret_key(settings),
        # This cookie only carries the forms' token and messages; who is signed in is in ours (web/auth.py).
        "SESSION_COOKIE_NAME": f"{prefix}postmortems-forms",
        "SESSION_COOKIE_SECURE": settings.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "MAX_CONTENT_LENGTH": limits.BODY,
        "MAX_FORM_MEMORY_SIZE": limits.BODY,
        "MAX_FORM_PARTS": 20_000,
        "TRUSTED_HOSTS": [str(urlsplit(settings.url).hostname), "localhost", "127.0.0.1"],
        "API_TITLE": "Postmortems",
        "API_VERSION": postmortems.__version__,
        "OPENAPI_VERSION": "3.1.0",
    }
