"""The application, put together by hand: reads as a contents page."""

from __future__ import annotations

import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask
from flask.json.provider import DefaultJSONProvider
from werkzeug.middleware.proxy_fix import ProxyFix

import postmortems
from postmortems import config, db
from postmortems.config import Settings
from postmortems.people import pages as people_pages
from postmortems.people import settings_pages
from postmortems.web import auth, headers, health, problems, reference, render, units
from postmortems.web.contract import Api, ApiBlueprint

ROOT = Path(__file__).resolve().parents[2]
# A postmortem with 300 entries is some 200 kB; this is room for what is pasted and imported around it.
LARGEST_BODY = 8 * 1024 * 1024

PAGES = (
    health.blueprint,
    reference.blueprint,
    people_pages.blueprint,
    settings_pages.blueprint,
)
# Rooms as they are built; they become plain imports above when all of them stand.
ROOMS = (
    "postmortems.web.home",
    "postmortems.incidents.pages",
    "postmortems.incidents.writing_pages",
    "postmortems.followup.pages",
    "postmortems.guards.pages",
    "postmortems.guards.service_pages",
    "postmortems.gate.pages",
    "postmortems.gate.scenario_pages",
    "postmortems.reports.pages",
    "postmortems.incidents.api",
    "postmortems.followup.api",
    "postmortems.guards.api",
    "postmortems.gate.api",
    "postmortems.reports.api",
)


class PlainJson(DefaultJSONProvider):
    """Members in the order in which we say them, letters as they are."""

    sort_keys = False
    ensure_ascii = False
    compact = True


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings, by default the environment's; raises `config.Misconfigured`."""
    settings = settings or Settings.from_env()
    app = Flask("postmortems", static_folder=ROOT / "static", template_folder=ROOT / "templates")
    app.json = PlainJson(app)
    app.config.from_mapping(_flask_settings(settings))
    app.extensions["settings"] = settings
    db.connect(settings.database_url)

    problems.install(app)
    auth.install(app, settings.url)
    units.install(app)
    headers.install(app, is_https=settings.is_https)
    render.install(app)

    api = Api(app, spec_kwargs=reference.description(settings.url))
    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for name in ROOMS:
        try:
            room = import_module(name)
        except ImportError as error:
            print(f"not there yet: {name}: {error}", file=sys.stderr)  # noqa: T201
            continue
        for blueprint in [each for each in vars(room).values() if isinstance(each, Blueprint)]:
            (api if isinstance(blueprint, ApiBlueprint) else app).register_blueprint(blueprint)
    app.extensions["openapi"] = api.spec
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app


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
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "MAX_FORM_MEMORY_SIZE": LARGEST_BODY,
        "MAX_FORM_PARTS": 20_000,
        "TRUSTED_HOSTS": [str(urlsplit(settings.url).hostname), "localhost", "127.0.0.1"],
        "API_TITLE": "Postmortems",
        "API_VERSION": postmortems.__version__,
        "OPENAPI_VERSION": "3.1.0",
    }
