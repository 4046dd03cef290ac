"""A team brings its folder in a browser: looks first, applies, and dismisses what is odd."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage

pytestmark = pytest.mark.browser

REPORT = """\
# Queue stuck on 2021-07-08

## Timeline

### 10:00

Stuck.

### 09:00

Noticed.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "2021-07-08-queue.md").write_text(REPORT)
    (folder / "broken.md").write_bytes(b"caf\xe9")
    (folder / "README.md").write_text("About this folder.")
    return folder


READ = re.compile("Nothing is stored yet|Nothing of it would change what is stored")


def give(page: Page, folder: Path) -> None:
    page.goto("/import")
    page.get_by_label("A whole folder").set_input_files(folder)
    page.get_by_role("button", name="See what would happen").click()
    expect(page.get_by_text(READ)).to_be_visible()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without"])
def test_a_folder_is_looked_at_applied_and_again_a_no_op(
    open_page: NewPage, folder: Path, has_script: bool
) -> None:
    page = open_page("ada", java_script_enabled=has_script)
    (folder / "2021-07-08-queue.md").write_text(REPORT.replace("Queue", f"Queue {has_script}"))
    (folder / "2021-07-08-queue.md").rename(folder / f"2021-07-08-queue-{has_script}.md".lower())
    give(page, folder)
    row = page.locator("tr", has_text="2021-07-08-queue")
    expect(row).to_contain_text("2 entries")
    expect(row).to_contain_text("earlier than the entry above it")
    expect(page.locator("tr", has_text="broken.md")).to_contain_text("byte 0xe9 is not valid UTF-8")

    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text(re.compile("2 files, done"))).to_be_visible()
    give(page, folder)
    expect(page.locator("tr", has_text="2021-07-08-queue")).to_contain_text("the same")
    with page.expect_navigation():
        page.get_by_role("button", name="Discard").click()

    page.goto(f"/incidents/2021-07-08-queue-{has_script}".lower())
    odd = page.locator(".oddities")
    expect(odd).to_contain_text("line 9 of the file")
    odd.get_by_role("button", name="Dismiss").click()
    expect(page.locator(".oddities")).to_have_count(0)
