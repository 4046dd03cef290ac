"""The real server on a database of its own, with the demo in it, and browsers that are signed in."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests import forked, system_packages
from tests.browser import furnished
from tests.incidents.attachments import samples

ROOT = Path(__file__).resolve().parents[2]
# `python -m postmortems` on a clock that stands still.
STANDING = """
import runpy
from datetime import datetime
from postmortems import clock
with clock.frozen_at(datetime.fromisoformat("{at}")):
    runpy.run_module("postmortems", run_name="__main__", alter_sys=True)
"""
LINK = re.compile(r"(http://\S+)/sign-in/link/\S+")


@dataclass(frozen=True)
class Served:
    """Where the server listens, and the folder it runs in: commands given there use the same database."""

    url: str
    folder: Path
    # Signs in the first admin; works once.
    first_link: str
    # By their names, what the server was told besides.
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """What a command for this server is told."""
        return _env(self.url) | dict(self.settings)

    def command(self, *words: str, ends: int = 0, sent: str = "") -> str:
        """What `python -m postmortems …` prints; it has to end with that exit code."""
        words = words_of(*words)
        done = forked.run(words, cwd=self.folder, env=self.env, input=sent, capture_output=True, text=True)
        if done.returncode != ends:
            raise RuntimeError(f"{words} failed:\n{done.stderr}")
        return done.stdout

    def link(self, name: str) -> str:
        """A fresh sign-in link for that account, at this server."""
        found = LINK.search(self.command("users", "link", name))
        assert found is not None
        return found[0].replace(found[1], self.url)


@contextmanager
def served(
    folder: Path, at: datetime | None = None, settings: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Start the server as a user would, on a free port; without the worker, so nothing changes by itself.

    `at`: the moment at which its clock stands, for pictures that are to be the same each time.
    """
    words = words_of("serve", "--port", "0", "--no-worker")
    if at is not None:
        words = (words[0], "-u", "-c", STANDING.format(at=at.isoformat()), *words[4:])
    process = forked.Process(
        words,
        cwd=folder,
        env=_env() | dict(settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        while not (found := LINK.search(said)):
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"the server did not start:\n{said}")
            said += line
        yield Served(found[1], folder, found[0], settings or {})
    finally:
        process.terminate()
        process.communicate(timeout=30)


def words_of(*words: str) -> tuple[str, ...]:
    """How a command is called."""
    return (sys.executable, "-u", "-m", "postmortems", *words)


def _env(url: str = "") -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    kept |= {"PYTHONPATH": str(ROOT), "POSTMORTEMS_PUBLIC_NAME": "Example Cloud"}
    return kept | ({"POSTMORTEMS_URL": url} if url else {})


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium."""
    return playwright.chromium.launch(executable_path=system_packages.chromium())


def sign_in(context: BrowserContext, link: str) -> Page:
    """Open the link and press its button."""
    page = context.new_page()
    page.goto(link)
    # Whoever goes on before the answer is there is not signed in.
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in as").click()
    return page


def commented(page: Page, incident: str) -> str:
    """The comments of an incident, after there is one with a suggestion and a reply."""
    page.goto(f"{page.url.partition('/gate')[0]}{incident}/comments")
    part = page.get_by_label("About", exact=True).locator("option").nth(2).get_attribute("value")
    page.goto(f"{page.url}?part={part}")
    page.locator("summary", has_text="Suggest other words").click()
    page.get_by_label("What it should say").fill("Other words.")
    page.get_by_label("Comment", exact=True).fill("Was it **so**?")
    # Whoever goes on before the answer is there breaks it off.
    with page.expect_navigation():
        page.get_by_role("button", name="Comment", exact=True).click()
    return f"{incident}/comments?part={part}"


def attached(served: Served, page: Page, incident: str) -> str:
    """The pictures and files of an incident, after one of each was uploaded for it."""
    address = f"/attachments?incident={incident.rpartition('/')[2]}"
    files = (
        ("the hub while it was down.png", samples.picture(size=(320, 180))),
        ("pods.log", b"0/1 Pending\n"),
    )
    for name, content in files:
        page.goto(f"{served.url}{address}")
        page.get_by_label("Picture or file").set_input_files(
            {"name": name, "mimeType": "", "buffer": content}
        )
        with page.expect_navigation():
            page.get_by_role("button", name="Upload").click()
    return address


def addresses(served: Served, page: Page) -> dict[str, str]:
    """Every page that the demo has, and what it lacks, by a name for files and messages."""
    page.goto(f"{served.url}/gate")
    decision = page.locator("#decisions a.main").first.get_attribute("href")
    founding = "/incidents/2018-01-25-accidental-merge-to-prod"
    return {
        "home": "/",
        "inbox": "/notifications",
        "channels": "/settings/channels",
        "chat": "/settings/chat",
        "deliveries": "/settings/deliveries",
        "digest-settings": "/settings/digests",
        "mail-address": "/settings/people/admin/mail",
        "notification-settings": "/settings/notifications",
        "notification-link-broken": "/notifications/off/cut",
        "incidents": "/incidents",
        "incidents-nothing-found": "/incidents?q=nothing-has-this",
        "incident": founding,
        "incident-suggestions": "/incidents/2018-01-26-slow-start-with-many-users",
        "incident-comments": commented(page, founding),
        "incident-history": f"{founding}/history",
        "incident-change": f"{founding}/history/1",
        "incident-compare": f"{founding}/compare?from=0&to=1",
        "incident-restore": f"{founding}/history/1/restore",
        "incident-attachments": attached(served, page, founding),
        "attachments": "/attachments",
        "incident-public-report": f"{founding}/public-report",
        "incident-related": f"{founding}/related",
        "search": "/search?q=staging",
        "public-reports": "/public/",
        "write-new": "/incidents/new",
        "write-edit": f"{founding}/edit",
        "import": "/import",
        "import-read": imported(page),
        "import-file": f"{page.url}/files/0",
        "action-items": "/action-items",
        "action-items-ticked": "/action-items?status=any&select=1",
        "action-items-proposed": "/action-items/proposed",
        "action-items-views": "/action-items/views?query=status=open",
        "action-item": "/action-items/AI-2",
        "process-fixes": "/reports/process-fixes",
        "reports": "/reports",
        "report-ageing": "/reports/ageing",
        "report-unwritten": "/reports/unwritten",
        "report-response-times": "/reports/response-times?from=2018-01-01&to=2018-12-31",
        "report-recurrence": "/reports/recurrence?from=2018-01-01&to=2018-12-31",
        "report-causes": "/reports/causes?from=2018-01-01&to=2018-12-31",
        "report-policy": "/reports/policy",
        "report-funnel": "/reports/funnel",
        "report-guards": "/reports/guards",
        "report-monthly": "/reports/monthly?month=2018-01",
        "report-change-failures": "/reports/change-failures?from=2018-01-01&to=2018-12-31",
        "report-flow": "/reports/flow?from=2018-01-01&to=2018-12-31",
        "coverage": "/coverage",
        "guards": "/guards",
        "guard": "/guards/lab-hours",
        "guard-choose-kind": "/guards/new",
        "guard-new": "/guards/new?kind=http",
        "gate": "/gate",
        "decision": str(decision),
        "gate-ask": "/gate/ask",
        "waivers": "/gate/waivers",
        "findings": "/gate/findings",
        "scenarios": "/gate/scenarios",
        "scenario": "/gate/scenarios/1",
        "scenario-edit": "/gate/scenarios/1/edit",
        "scenario-new": "/gate/scenarios/new?incident=2018-01-25-accidental-merge-to-prod",
        "scenario-new-good": "/gate/scenarios/new?incident=2018-01-25-accidental-merge-to-prod&kind=good",
        "services": "/services",
        "service": "/services/data8",
        "settings": "/settings",
        "sessions-of": "/settings/people/ada/sessions",
        "forgotten-password": "/sign-in/forgotten",
        "mailed-link-broken": "/sign-in/mail/cut",
        "settings-second-step": "/settings/second-step",
        "settings-app": "/settings/second-step/app",
        "settings-tokens": "/settings/tokens",
        "settings-people": "/settings/people",
        "settings-rename": "/settings/people/admin/name",
        "settings-leaving": "/settings/people/admin/off",
        "settings-service-accounts": "/settings/service-accounts",
        "settings-ci": "/settings/ci",
        "settings-secrets": "/settings/secrets",
        "settings-webhooks": "/settings/webhooks",
        "settings-publishing": "/settings/publishing",
        "settings-calendars": "/settings/calendars",
        "settings-teams": "/settings/teams",
        "settings-due-dates": "/settings/due-dates",
        "settings-due-date": "/settings/due-dates/new",
        "settings-holidays": "/settings/holidays/new",
        "settings-templates": "/settings/templates",
        "settings-template": "/settings/templates/full-review",
        "settings-template-new": "/settings/templates/new",
        "settings-restricted": "/settings/restricted",
        "settings-git": "/settings/git",
        "settings-github": "/settings/github",
        "settings-gitlab": "/settings/gitlab",
        "settings-trackers": "/settings/trackers",
        "settings-publications": "/settings/publications",
        "incident-publications": "/incidents/2018-01-25-accidental-merge-to-prod/publications",
        "settings-audit": "/settings/audit",
        "signoffs": "/signoffs",
        "policies": "/policies",
        "help": "/help",
        "help-kind": "/help/guards/parity",
        "help-guide": "/help/pipeline",
        "api-reference": "/api/docs",
        "not-found": "/incidents/no-such-incident",
        **furnished.furnish(served),
    }


ODD = "# Outage on 2020-05-05\n\n## Timeline\n\n### 10:00\n\nOut. TODO: why?\n\n### 09:00\n\nSeen.\n"


def imported(page: Page) -> str:
    """The address of an import that was read and not applied; the page shows it."""
    page.goto(f"{'/'.join(page.url.split('/')[:3])}/import")
    page.get_by_label("Paste a document").fill(ODD)
    page.get_by_role("button", name="See what would happen").click()
    page.wait_for_url("**/import/*")
    return "/" + page.url.split("/", 3)[3]


def ask_the_gate(served: Served, page: Page) -> None:
    """One blocked question, so that the gate has something to show."""
    page.goto(f"{served.url}/gate/ask")
    page.get_by_label("Deploy to").select_option("data8/prod")
    page.get_by_label("Declared target").fill("biology/prod")
    page.get_by_label("Artifact digest").fill(
        "sha256:51f1d28fbdd7c95fb2ce13fa96dfb6a4d9d3ff0acd1a7b5b5ac4f0b6c9a2e6d1"
    )
    page.get_by_text("As of another time").click()
    page.get_by_label("Time", exact=True).fill("2018-01-25T15:30")
    page.get_by_label("Time zone").fill("America/Los_Angeles")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_url("**/gate/dec_*")
