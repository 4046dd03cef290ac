"""All pages of second factors, for the application to register."""

from __future__ import annotations

from postmortems.accounts.factors import pages, passkey_pages, passkey_settings_pages, settings_pages

BLUEPRINTS = (
    pages.blueprint,
    settings_pages.blueprint,
    passkey_pages.blueprint,
    passkey_settings_pages.blueprint,
)
