"""`python -m tests.bench.against FOLDER`: the editor beside another checkout, by turns in one run.

FOLDER is a checkout (`git worktree add FOLDER COMMIT`) with its own `.venv`. Both are served on databases
of their own and known by HTTP alone, so any version does. Times are medians of three rounds; `speed` is the
other checkout's time divided by ours. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.bench import checkouts, editor, world, writes
from tests.bench.checkouts import Served
from tests.bench.measuring import ROUNDS, Row, table
from tests.browser import serving

ROWS = ("E1", "E2", "E3", "P7")
WARM_UP = 1
CALLS = 2
LONG, SHORT = "300 entries, 100 items", "10 entries, 3 items"
# Of the form: the text of the first entry.
FIELD = "sections.1.blocks.0.text"
# A press of a button until the rows are others, in milliseconds.
PRESS = """
(selector) => new Promise((resolve) => {
  const rows = () => [...document.querySelectorAll("#editor [name$='.written']")].map((field) => field.value).join("|");
  const before = rows();
  const start = performance.now();
  const look = () => (rows() === before ? setTimeout(look, 1) : requestAnimationFrame(() => resolve(performance.now() - start)));
  document.querySelectorAll(selector)[100].click();
  look();
})
"""  # noqa: E501
BUTTONS = {
    "move a row": "button[value^='down-block-1-']",
    "add a row": "button[value^='add-entry-1-']",
    "remove a row": "button[value^='remove-block-1-']",
}
numbers = itertools.count()

Act = Callable[[], float]


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="against-")))
        ours = stack.enter_context(checkouts.served(serving.ROOT, Path(sys.executable), folder / "ours"))
        python = options.folder.resolve() / ".venv/bin/python"
        theirs = stack.enter_context(checkouts.served(options.folder.resolve(), python, folder / "theirs"))
        rows = []
        for number, work, size, mine, other, goal in _acts(ours, theirs, options.only, stack):
            print(f"{number}, {work} …", file=sys.stderr, flush=True)
            rows.append(Row(number, work, "SQLite", size, *_by_turns(mine, other), goal))
    print(table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.against", description=__doc__)
    parser.add_argument("folder", type=Path, help="the other checkout, with its .venv")
    parser.add_argument("--only", nargs="+", default=ROWS, help="rows of the table")
    return parser.parse_args()


def _by_turns(ours: Act, theirs: Act) -> tuple[tuple[float, ...], tuple[float, ...]]:
    for act in (ours, theirs):
        for _ in range(WARM_UP):
            act()
    rounds = [tuple(median(act() for _ in range(CALLS)) for act in (ours, theirs)) for _ in range(ROUNDS)]
    return tuple(mine for mine, _ in rounds), tuple(other for _, other in rounds)


Acts = Iterator[tuple[str, str, str, Act, Act, str]]


def _acts(ours: Served, theirs: Served, only: list[str], stack: ExitStack) -> Acts:
    long, short = (
        [_begun(side, one) for side in (ours, theirs)] for one in (editor.document(), world.document())
    )
    sides = list(zip((ours, theirs), long, strict=True))
    few = list(zip((ours, theirs), short, strict=True))
    if "E1" in only:
        yield "E1", "open the form", LONG, *(_opening(*side) for side in sides), "≥ 1"
    if "E2" in only:
        yield "E2", "save the form, one entry changed", LONG, *(_sending(*side) for side in sides), "≥ 3"
        yield "E2", "PUT it, one entry changed", LONG, *(_putting(*side) for side in sides), "≥ 3"
    if "E3" in only:
        pages = [_page(*side, stack) for side in sides]
        for name, button in BUTTONS.items():
            yield "E3", f"{name} in the browser", LONG, *(_pressing(page, button) for page in pages), "≥ 5"
    if "P7" in only:
        yield "P7", "POST a new one", SHORT, *(_beginning(side) for side in (ours, theirs)), "≥ 3"
        yield "P7", "PUT it, one entry changed", SHORT, *(_putting(*side) for side in few), "≥ 4"


def _body(document: Any) -> dict[str, Any]:
    told = writes.body(document)
    told["title"] += f", {next(numbers)}"
    return told


def _begun(side: Served, document: Any) -> str:
    slug: str = side.send("POST", "/incidents", _body(document))["slug"]
    return slug


def _timed(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return (perf_counter() - start) * 1000


def _opening(side: Served, slug: str) -> Act:
    return lambda: _timed(lambda: side.get(f"/incidents/{slug}/edit"))


def _sending(side: Served, slug: str) -> Act:
    path = f"/incidents/{slug}/edit"

    def act() -> float:
        said = f"Edited {next(numbers)} times."
        fields = [(name, said if name == FIELD else value) for name, value in side.form(path)]
        return _timed(lambda: side.post(path, [*fields, ("do", "save")]))

    return act


def _putting(side: Served, slug: str) -> Act:
    def act() -> float:
        stored = side.send("GET", f"/incidents/{slug}", None)
        stored["sections"][1]["blocks"][0]["text"] = f"Edited {next(numbers)} times."
        return _timed(lambda: side.send("PUT", f"/incidents/{slug}", stored))

    return act


def _beginning(side: Served) -> Act:
    return lambda: _timed(lambda: _begun(side, world.document()))


def _page(side: Served, slug: str, stack: ExitStack) -> Page:
    browser = stack.enter_context(sync_playwright()) if not _BROWSERS else None
    if browser is not None:
        _BROWSERS.append(stack.enter_context(serving.launch(browser)))
    context = _BROWSERS[0].new_context(base_url=side.url)
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": side.url} for one in side.browser.cookies.jar]
    )
    page: Page = context.new_page()
    page.goto(f"/incidents/{slug}/edit")
    page.wait_for_load_state("networkidle")
    return page


_BROWSERS: list[Any] = []


def _pressing(page: Page, button: str) -> Act:
    def act() -> float:
        took: float = page.evaluate(PRESS, button)
        # What the press has begun (a draft, the reading of times) is not the next one's.
        page.wait_for_load_state("networkidle")
        return took

    return act


if __name__ == "__main__":
    main()
