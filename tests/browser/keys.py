"""Pressing keys as somebody without a mouse does."""

from __future__ import annotations

from playwright.sync_api import Locator, expect


def press(control: Locator, key: str = "Enter") -> None:
    """By keyboard: it has to take the focus."""
    # A key that comes while the page is loading may be lost.
    control.wait_for()
    control.page.wait_for_load_state()
    control.focus()
    expect(control).to_be_focused()
    control.page.keyboard.press(key)
