"""A report reviewed by two people in browsers, by keyboard: asked, commented, approved, published."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.keys import press
from tests.browser.serving import Served

pytestmark = pytest.mark.browser

TEXT = """\
---
title: The mail server was full
date: 2026-03-04
timezone: Europe/Berlin
status: draft
---

## Summary

Nobody got mail.

## Timeline

- 09:12 the disk is full
- 09:40 somebody deletes logs
- 10:05 mail flows again
"""
PLACE = "/incidents/2026-03-04-mail-server-full"


@pytest.fixture
def report(served: Served, tmp_path: Path) -> str:
    (tmp_path / "2026-03-04-mail-server-full.md").write_text(TEXT)
    served.command("import", str(tmp_path))
    return PLACE


def choose(box: Locator, words: str) -> None:
    """Choose the first option that has these words."""
    label = box.locator("option", has_text=words).first.inner_text()
    box.select_option(label=label)


def mark_of(page: Page, words: str) -> Locator:
    return page.locator(".entry", has_text=words).locator(".comment-mark")


def test_a_report_is_reviewed_and_published(open_page: NewPage, report: str) -> None:
    ada, admin = open_page("ada"), open_page("admin")
    ada.goto(report)
    press(ada.locator("#review summary", has_text="Ask for a review"))
    ada.get_by_label("Reviewers").fill("admin")
    press(ada.get_by_role("button", name="Ask", exact=True))
    expect(ada.locator("#review-heading")).to_contain_text("in review")

    admin.goto("/")
    press(admin.get_by_role("link", name="The mail server was full").first)
    press(admin.locator("#comments > details > summary", has_text="Comment"))
    choose(admin.get_by_label("About", exact=True), "09:40")
    admin.get_by_label("Comment", exact=True).fill("Which **logs**?")
    press(admin.get_by_role("button", name="Comment", exact=True))
    expect(mark_of(admin, "somebody deletes logs")).to_contain_text("1")
    admin.goto(f"{report}/comments")
    choose(admin.get_by_label("About", exact=True), "Nobody got mail")
    part = admin.get_by_label("About", exact=True).input_value()
    admin.goto(f"{report}/comments?part={part}")
    press(admin.locator("#comment-form summary", has_text="Suggest other words"))
    admin.get_by_label("What it should say").fill("Nobody got mail for an hour.")
    admin.get_by_label("Comment", exact=True).fill("For how long?")
    with admin.expect_navigation():
        press(admin.get_by_role("button", name="Comment", exact=True))

    # The entry moves below the one after it, and takes its comment along.
    ada.goto(f"{report}/edit")
    press(ada.locator(".entry-block summary", has_text="09:40"), "Alt+ArrowDown")
    expect(ada.locator(".entry-block").nth(2)).to_contain_text("somebody deletes logs")
    press(ada.get_by_role("button", name="Save draft"))
    expect(ada.locator(".entry").nth(2)).to_contain_text("somebody deletes logs")
    press(mark_of(ada, "somebody deletes logs"))
    thread = ada.locator(".thread", has_text="Which logs?")
    press(thread.get_by_role("button", name=re.compile("^Resolve")))
    expect(ada.get_by_text("1 resolved")).to_be_visible()
    press(ada.get_by_role("button", name=re.compile("^Apply")))
    expect(ada.locator(".document .prose").first).to_contain_text("Nobody got mail for an hour.")
    expect(ada.get_by_text("2 resolved")).to_be_visible()

    admin.goto(report)
    press(admin.get_by_role("button", name=re.compile("^Approve version 3")))
    expect(admin.locator("#review")).to_contain_text("admin approved version 3")
    ada.goto(report)
    press(ada.locator("#review").get_by_role("button", name="Publish"))
    expect(ada.locator(".page-head")).to_contain_text("published")
