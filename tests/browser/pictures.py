"""Take the pictures of the README and the guides: the demo's pages, light and dark, while the clock stands.

`python -m tests.browser.pictures` writes `docs/pictures/<name>-<scheme>.webp`. The same pages give the same
files: what is random on them is drawn as one word, and nothing on them is as old as the day.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Page, sync_playwright

from tests.browser import serving
from tests.browser.serving import Served

FOLDER = serving.ROOT / "docs" / "pictures"
SCHEMES = ("light", "dark")
SIZE = {"width": 1280, "height": 800}
AT = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
FOUNDING = "/incidents/2018-01-25-accidental-merge-to-prod"
# Its guards are suggested and nobody has made them yet.
SLOW_START = "/incidents/2018-01-26-slow-start-with-many-users"
COLOURS = 96
# Of 255, in which two pictures of the same page may differ.
SAME_SHADE = 8
# Ids of decisions are random, and the demo's mark would stand on every picture.
ALIKE = """() => {
    document.querySelector(".banner")?.remove();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.data;
        if (/dec_\\w+/.test(text)) walker.currentNode.data = text.replace(/dec_\\w+/g, "dec_01K…");
    }
}"""


@dataclass(frozen=True)
class Drawn:
    """A page, and what of it is drawn: the window from `top` on, or the one `part`."""

    path: str
    top: str = ""
    part: str = ""


def pages(served: Served, page: Page) -> dict[str, Drawn]:
    """By the name of its picture."""
    page.goto(f"{served.url}/gate")
    decision = str(page.locator("#decisions a.main").first.get_attribute("href"))
    return {
        "incident": Drawn(FOUNDING),
        "editor": Drawn(f"{FOUNDING}/edit", top=".editing:has(.entry-block)"),
        "process-fixes": Drawn("/reports/process-fixes"),
        "decision": Drawn(decision),
        "path-to-proof": Drawn(SLOW_START, part="#proof"),
    }


@contextmanager
def standing() -> Iterator[Served]:
    """The server with the demo, at one moment that does not pass."""
    with tempfile.TemporaryDirectory() as folder, serving.served(Path(folder), at=AT) as served:
        yield served


def main() -> None:
    """Write every picture, light and dark."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with standing() as served, sync_playwright() as playwright:
        browser = serving.launch(playwright)
        context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
        page = serving.sign_in(context, served.first_link)
        serving.ask_the_gate(served, page)
        for name, drawn in pages(served, page).items():
            page.goto(f"{served.url}{drawn.path}", wait_until="networkidle")
            page.evaluate(ALIKE)
            if drawn.top:
                page.locator(drawn.top).first.evaluate(
                    "part => scrollTo(0, part.getBoundingClientRect().top - 16)"
                )
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                taken = page.locator(drawn.part).screenshot() if drawn.part else page.screenshot()
                keep(FOLDER / f"{name}-{scheme}.webp", small(taken))
        browser.close()
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures are in {FOLDER}/")


def keep(path: Path, picture: bytes) -> None:
    """Write the picture, unless what is there looks the same: an edge may come out a shade lighter."""
    if path.exists():
        before, after = (Image.open(io.BytesIO(one)).convert("RGB") for one in (path.read_bytes(), picture))
        apart = ImageChops.difference(before, after) if before.size == after.size else None
        if apart is not None and max(most for _, most in apart.getextrema()) <= SAME_SHADE:
            return
    path.write_bytes(picture)


def small(picture: bytes) -> bytes:
    """The picture with few colours, which is all that a page of text needs, and without loss after that."""
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.convert("RGB").save(out, "WEBP", lossless=True, quality=100, method=6)
    return out.getvalue()


if __name__ == "__main__":
    main()
