"""The whole way by Chromium, with a provider that others wrote: there, back with an account, and out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import serving
from tests.ports import free_port

CLAIMS = {"sub": "248289", "preferred_username": "eve", "groups": ["dev"]}

pytestmark = pytest.mark.browser


@pytest.fixture
def issuer() -> Iterator[str]:
    """`oidc-provider-mock` as it is started by hand; it insists on a nonce."""
    port = free_port()
    words = ("-p", str(port), "-n", "--user-claims", json.dumps(CLAIMS))
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", *words],
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answers(f"http://127.0.0.1:{port}/.well-known/openid-configuration", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def answers(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody answers there."""
    while True:
        assert process.poll() is None, "the provider did not start"
        try:
            with urllib.request.urlopen(url, timeout=30):
                return
        except urllib.error.URLError:
            continue


def test_somebody_signs_in_and_out_at_both(issuer: str, browser: Browser, tmp_path: Path) -> None:
    told = {
        "ISSUER": issuer,
        "CLIENT_ID": "postmortems",
        "CLIENT_SECRET": "a-secret",
        "NAME": "Example ID",
        "GROUPS": "dev=author",
    }
    settings = {f"POSTMORTEMS_OIDC_{name}": value for name, value in told.items()}
    with serving.served(tmp_path, settings=settings) as server:
        page = browser.new_page()
        page.goto(f"{server.url}/settings/tokens")
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_role("button", name="248289").click()

        expect(page).to_have_url(f"{server.url}/settings/tokens")
        page.goto(f"{server.url}/settings")
        expect(page.locator("main")).to_contain_text("eve")
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_role("link", name="Sign out of Example ID, too").click()
        assert page.url.startswith(issuer)
        page.close()
        assert "eve\tauthor\tactive" in server.command("users", "list")
