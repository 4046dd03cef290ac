"""Rows of the bench for what is carried: a zip of all, memory of a web process, bytes of a page."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from postmortems.document.model import Prose, Section
from tests.bench import world, writes
from tests.bench.cases import Bench, Case, Maker
from tests.bench.measuring import Call
from tests.bench.server import APP, Client, Served, running

ZIP = "/api/v1/incidents?format=zip&drafts=1"
LIST = "/action-items"
SAVES, SAVED_KB = 10, 200
EXPORTS = 3
# What people look at, in turns.
LOOKED_AT = ("/", "/incidents", "/incidents/{}", "/action-items", "/coverage", "/reports/process-fixes")


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"P9": _zip, "P15": _memory, "P16": _page}


def _zip(bench: Bench) -> Iterator[Case]:
    def make(side: Served) -> Call:
        client = side.reader()
        return lambda: client.get(ZIP)

    with ZipFile(BytesIO(bench.ours.reader().get(ZIP))) as taken:
        written = [(name, taken.read(name)) for name in taken.namelist()]

    def alone() -> None:
        with ZipFile(BytesIO(), "w", ZIP_DEFLATED) as made:
            for path, content in written:
                made.writestr(path, content)

    work = f"export of {len(written):,} files to zip / zipfile alone"
    yield bench.case(work, "≥ 0.5; then × 1.5", make, alone)
    yield Case(
        f"memory of a web process, at most, over {EXPORTS} of them",
        "≤ 150 MB",
        unit="MB",
        figures=(_peak(bench.ours), (), _peak(bench.theirs)),
    )


def _peak(side: Served | None) -> tuple[float, ...]:
    """In fresh processes: what other rows have taken before would count, too."""
    if side is None:
        return ()
    with running(APP, side.world, side.checkout) as fresh:
        for _ in range(EXPORTS):
            fresh.reader().get(ZIP)
        return (fresh.memory(is_peak=True),)


def _memory(bench: Bench) -> Iterator[Case]:
    """In fresh processes, likewise."""
    count = bench.options.requests
    with running(APP, bench.ours.world) as fresh:
        for ask in itertools.islice(itertools.cycle(_mixed(fresh)), count):
            ask()
        work = f"memory of a web process after {count:,} mixed requests"
        yield Case(work, "≤ 150 MB", unit="MB", figures=((fresh.memory(),), (), ()))
        _save_large(fresh.writer())
        work = f"memory of a web process after {SAVES} saves of {SAVED_KB} kB"
        yield Case(work, "< 180 MB", unit="MB", figures=((fresh.memory(),), (), ()))


def _mixed(side: Served) -> list[Call]:
    browser = side.browser()
    looks = [
        lambda path=path.format(side.world.template): browser.get(path)  # type: ignore[misc]
        for path in LOOKED_AT
    ]
    return [*looks, writes.asking()(side), writes.ping(side), lambda: browser.get("/search?q=proxy")]


def _save_large(client: Client) -> None:
    text = "The proxy is restarted once more, and nobody knows why it took so long to see it. " * 20
    prose = tuple(Prose(f"{number}. {text}") for number in range(SAVED_KB * 1000 // len(text)))
    document = replace(world.document(), sections=(Section("Summary", prose),))
    for number in range(SAVES):
        told = writes.body(document) | {"title": f"A long story, {number}"}
        client.post("/api/v1/incidents", json.dumps(told))


def _page(bench: Bench) -> Iterator[Case]:
    for name, headers, goal in (
        ("uncompressed", {}, "≤ 30 kB"),
        ("with gzip", {"Accept-Encoding": "gzip"}, ""),
        ("with brotli", {"Accept-Encoding": "br"}, ""),
        ("with zstd", {"Accept-Encoding": "zstd"}, ""),
    ):
        sides = (bench.ours, None, bench.theirs)
        found = tuple((len(side.browser().get(LIST, **headers)) / 1000,) if side else () for side in sides)
        yield Case(f"a page of 50 items, {name}", goal, unit="kB", figures=found)  # type: ignore[arg-type]
