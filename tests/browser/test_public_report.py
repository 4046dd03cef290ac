"""A report for customers: written by one, approved by another, read by somebody who never signed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NewPage
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

TEXT = """\
---
title: Queues stood still
date: 2026-03-09
status: published
---

## Summary

ada saw that no message went out.

## Timeline

- 09:12 the broker at mq1.internal is full
- 09:40 somebody deletes logs
"""
PLACE = "/incidents/2026-03-09-queues-stood-still"


def test_a_public_report_is_written_approved_and_read(
    open_page: NewPage, served: Served, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "2026-03-09-queues-stood-still.md").write_text(TEXT)
    served.command("import", str(tmp_path))
    ada, admin = open_page("ada"), open_page("admin")
    ada.goto(PLACE)
    ada.get_by_role("link", name="Write one for customers").click()
    ada.get_by_label("Title", exact=True).fill("Messages were late")
    timeline = ada.get_by_role("group", name="Timeline")
    timeline.get_by_label("Show this section").check()
    timeline.locator("summary").click()
    timeline.get_by_label("09:40").uncheck()
    timeline.get_by_role("button", name="Take the ticked entries").click()
    expect(ada.locator("#shown")).to_contain_text("‹host›")
    expect(ada.locator("#shown")).not_to_contain_text("09:40")
    ada.get_by_role("button", name="Save", exact=True).click()
    expect(ada.locator("#removed")).to_contain_text("mq1.internal")
    ada.get_by_role("button", name="Ask for approval").click()
    expect(ada.get_by_text("It waits for somebody who did not write it.")).to_be_visible()
    admin.goto(f"{PLACE}/public-report")
    admin.get_by_role("button", name="Approve what is shown").click()
    expect(admin.get_by_text("You approved it.")).to_be_visible()
    admin.get_by_role("button", name="Publish", exact=True).click()
    address = admin.get_by_role("link", name="See the public page").get_attribute("href")

    signed_out = browser.new_context(base_url=served.url)
    reader = signed_out.new_page()
    reader.goto(str(address))
    expect(reader.get_by_role("heading", name="Messages were late")).to_be_visible()
    expect(reader.locator("main")).to_contain_text("‹name› saw that no message went out.")
    assert signed_out.cookies() == []
    signed_out.close()
