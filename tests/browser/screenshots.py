"""Take a picture of every page, wide and narrow, light and dark.

`python -m tests.browser.screenshots [NAME …]`, where a name is a key of `serving.addresses`.

They are for looking at: whoever changes a page looks at its four pictures before and after.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import serving

FOLDER = Path("screenshots")
SIZES = {"1280x800": {"width": 1280, "height": 800}, "390x844": {"width": 390, "height": 844}}


def main(wanted: list[str]) -> None:
    """Write `screenshots/<page>-<size>-<scheme>.png`, whole pages; only the wanted ones if any are named."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving.served(Path(folder)) as served,
        sync_playwright() as playwright,
    ):
        browser = serving.launch(playwright)
        context = browser.new_context()
        page = serving.sign_in(context, served.first_link)
        serving.ask_the_gate(served, page)
        addresses = serving.addresses(served, page)
        remembered = context.storage_state()
        for size, viewport in SIZES.items():
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport=viewport, color_scheme=scheme, storage_state=remembered, base_url=served.url
                )
                page = context.new_page()
                for name, path in addresses.items():
                    if wanted and name not in wanted:
                        continue
                    page.goto(path)
                    page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png", full_page=True)
                context.close()
        browser.close()
    print(f"{len(wanted or addresses)} pages are in {FOLDER}/")


if __name__ == "__main__":
    main(sys.argv[1:])
