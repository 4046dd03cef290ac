"""Rows of the bench for what is read: incident, list of items, reports, search, coverage, Home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from tests.bench import copies
from tests.bench.cases import Bench, Case, Maker
from tests.bench.measuring import Call
from tests.bench.server import Served

# By the plain application's name for it, the filters of our list.
LISTS = {
    "unclosed": "",
    "all": "?status=any",
    "owner": "?status=open,in_progress&owner=@owner3",
    "process": "?status=open,in_progress&kind=process",
    "overdue": "?overdue=1",
    "unowned": "?unowned=1",
    "closed": "?status=done,wont_do",
    "service": "?status=open,in_progress&service=bench",
}
SOUGHT = {
    "a rare word": copies.RARE.lower(),
    "a common word": "proxy",
    "a common phrase": '"no route survives"',
}
SEARCHED = "≥ 0.33"
# Makes the call for one of the builds.
Asker = Callable[[Served], Call]


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"P3": _incident, "P4": _list, "P5": _report, "P6": _search, "P14": _overviews}


def page(path: str) -> Asker:
    """What asks for a page, signed in."""

    def make(side: Served) -> Call:
        client = side.browser()
        return lambda: client.get(path)

    return make


def api(path: str) -> Asker:
    """What asks the API."""

    def make(side: Served) -> Call:
        client = side.reader()
        return lambda: client.get(f"/api/v1{path}")

    return make


def _plain(bench: Bench, path: str) -> Call:
    client = bench.plain.client()
    return lambda: client.get(path)


def _incident(bench: Bench) -> Iterator[Case]:
    def make(side: Served) -> Call:
        return page(f"/incidents/{side.world.template}")(side)

    length = len(bench.ours.browser().get(f"/incidents/{bench.ours.world.template}"))
    work = f"incident page, {length // 1024} KiB / bare page of that size"
    yield bench.case(work, "≥ 0.5; then × 2.5", make, _plain(bench, f"/page?bytes={length}"))


def _list(bench: Bench) -> Iterator[Case]:
    for name, query in LISTS.items():
        work = f"list of items, 50 rows, {name} / SQL and bare template"
        yield bench.case(
            work, "≥ 0.4; then × 6", page(f"/action-items{query}"), _plain(bench, f"/list?where={name}")
        )


def _report(bench: Bench) -> Iterator[Case]:
    figures = "process-fixes report, {} / one SQL over the same rows"
    for what, make in (
        ("page", page("/reports/process-fixes")),
        ("API", api("/reports/process-fixes")),
    ):
        yield bench.case(figures.format(what), "≥ 0.5; then × 15", make, _plain(bench, "/figures"))


def _search(bench: Bench) -> Iterator[Case]:
    for name, words in SOUGHT.items():
        plain = _plain(bench, f"/search?{urlencode({'words': words.strip(chr(34))})}")
        times = "15" if "rare" in name else "4"
        query = urlencode({"q": words})
        goal = f"{SEARCHED}; then × {times}"
        yield Case(
            f"search for {name} / the index alone, snippets in SQL",
            goal,
            page(f"/search?{query}")(bench.ours),
            plain,
            # Where there was no page of search, incidents were looked for in their list.
            bench.theirs and _first_of(bench.theirs, f"/search?{query}", f"/incidents?{query}"),
        )
    # Of the items, this is the word that many have.
    query = urlencode({"q": SOUGHT["a common word"]})
    yield bench.case("list of items with a common word", "then × 4", page(f"/action-items?{query}"))


def _first_of(side: Served, *paths: str) -> Call:
    """What asks for the first of these pages that is there."""
    client = side.browser()
    there = next((path for path in paths if client.knows(path)), paths[-1])
    return page(there)(side)


def _overviews(bench: Bench) -> Iterator[Case]:
    yield bench.case("coverage", "then × 30", page("/coverage"))
    yield bench.case("coverage, API", "then × 30", api("/coverage"))
    yield bench.case("Home", "then × 10", page("/"))
