"""Saved views in a browser: kept, shared, begun with, and ended again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser

SHOWN = "/action-items?status=open&priority=P1"


def test_a_list_begins_with_the_view_that_one_chose_until_that_is_ended(open_page: NewPage) -> None:
    page = open_page("ada")
    page.goto(SHOWN)
    page.get_by_role("link", name="Save view").click()
    page.get_by_label("Name", exact=True).fill("What burns")
    page.get_by_label("Begin my list with it").check()
    page.get_by_label("Share it with everybody here").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("What burns is saved.")).to_be_visible()

    page.goto("/action-items")
    expect(page.get_by_label("Status", exact=True)).to_have_value("open")
    expect(page.get_by_label("Priority", exact=True)).to_have_value("P1")

    other = open_page("admin")
    other.goto("/action-items")
    expect(other.get_by_label("Priority", exact=True)).to_have_value("")
    other.goto("/action-items/views")
    row = other.get_by_role("row", name=re.compile("What burns"))
    expect(row).to_contain_text("ada, shared")
    row.get_by_role("button", name="Begin with it").click()
    other.goto("/action-items")
    expect(other.get_by_label("Priority", exact=True)).to_have_value("P1")
    other.goto("/action-items/views")
    other.get_by_role("button", name="My list begins with it: end that").click()
    other.goto("/action-items")
    expect(other.get_by_label("Priority", exact=True)).to_have_value("")
    page.goto("/action-items")
    expect(page.get_by_label("Priority", exact=True)).to_have_value("P1")

    # What begins with a view that is gone begins as ever.
    page.goto("/action-items/views")
    page.get_by_role("row", name=re.compile("What burns")).get_by_text("Delete …").click()
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("That view is gone")).to_be_visible()
    page.goto("/action-items")
    expect(page.get_by_label("Priority", exact=True)).to_have_value("")
