"""`python -m tests.bench`: our speed as ratios to the plainest way of doing the same work, side by side.

Each figure is the median of three rounds with the least and the greatest. `speed` is the reference's time
divided by ours: 1.00 is as fast, 0.50 takes twice as long. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import markdown
from markdown_it import MarkdownIt

from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.exchange.exports import export
from postmortems.formats import zip_stream
from postmortems.incidents.queries import Filters
from postmortems.web.markdown.safe_html import to_html
from tests.bench import bare, clones, editor, gate, reports, world
from tests.bench.measuring import Row, side_by_side, table
from tests.bench.server import ROOT, Client, running
from tests.bench.world import World
from tests.postgres import TemporaryPostgres, why_missing

RAW_FROM = 1_200_000_000
# Wide enough apart that a round of our own saves fits between two of these.
RAW_STRIDE = 100_000
ROWS = ("P1", "P2", "P3", "P5", "P7", "P8", "P9", "P10", "S1", "S2", "M1", "M2", *editor.ROWS, *gate.ROWS)
ONE_REQUEST = """
import http.client, os, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
connection.request("POST", "/decide", '{"key": "%s"}' % sys.argv[2], {"Authorization": "Bearer bench",
    "Content-Type": "application/json"})
sys.exit(connection.getresponse().status != 200)
"""


def main() -> None:
    options = _options()
    rows: list[Row] = []
    with ExitStack() as stack:
        for name, fresh in _databases(options.database, stack):
            for size in options.sizes:
                print(f"{name}, {size} incidents …", file=sys.stderr, flush=True)
                rows += _measure(name, world.build(fresh(), size), size, options)
                db.disconnect()
    print(table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[200, 20_000], help="incidents in the database"
    )
    parser.add_argument(
        "--seconds", type=float, default=0.5, help="length of a round; there are three of each"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--only", nargs="+", default=ROWS, help="rows of the table")
    parser.add_argument(
        "--evaluations",
        type=int,
        default=10_000_000,
        help="stored evaluations of row P13; ten million take minutes and some GB",
    )
    return parser.parse_args()


def _databases(wanted: str, stack: ExitStack) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each database's name, and what makes the URL of a fresh one."""
    if wanted in ("sqlite", "both"):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        yield "SQLite", lambda: f"sqlite:///{folder / uuid4().hex}.db"
    if wanted in ("postgresql", "both"):
        missing = why_missing()
        if missing:
            print(missing, file=sys.stderr)
            return
        yield "PostgreSQL", stack.enter_context(TemporaryPostgres()).fresh_database


def _measure(database: str, built: World, size: int, options: argparse.Namespace) -> Iterator[Row]:
    with running("app:app", built.url) as ours, running("tests.bench.bare:create()", built.url) as plain:
        measured = {
            "P1": lambda: _decision(built, ours, plain, options.seconds),
            "P2": lambda: _heartbeat(built, ours, plain, options.seconds),
            "P3": lambda: _incident_page(built, ours, plain, options.seconds),
            "P5": lambda: _report(built, ours, plain, options.seconds),
            "P7": lambda: _save(built, options.seconds),
            **gate.measured(built, ours, plain, options),
            **editor.measured(built, ours, plain, options),
            "P8": lambda: _import(options.seconds),
            "M1": lambda: _rendering(options.seconds, is_kept=False),
            "M2": lambda: _rendering(options.seconds, is_kept=True),
            "P9": lambda: _zip(size),
            "P10": lambda: _command(built, ours, plain, options.seconds),
            "S1": lambda: _start(options.seconds, goal="≥ 0.33"),
            "S2": lambda: _start(options.seconds, "gate", "client", goal="≥ 0.2"),
        }
        for number in options.only:
            work, goal, times = measured[number]()
            yield Row(number, work, database, f"{size:,}", *times, goal)


Measured = tuple[str, str, tuple[tuple[float, ...], tuple[float, ...]]]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _decision(built: World, ours: int, plain: int, seconds: float) -> Measured:
    client, reference = Client(ours, _bearer(built.token)), Client(plain, _bearer(bare.TOKEN))
    asked = world.question()
    times = side_by_side(
        lambda: client.post("/api/v1/gate/decisions", asked),
        lambda: reference.post("/decide", json.dumps({"key": uuid4().hex})),
        seconds=seconds,
    )
    return "gate decision, 5 guards / token select, insert, commit", "≥ 0.6", times


def _heartbeat(built: World, ours: int, plain: int, seconds: float) -> Measured:
    client, reference = Client(ours), Client(plain)
    jobs = itertools.cycle(built.jobs)
    times = side_by_side(
        lambda: client.post(f"/api/v1/heartbeats/{next(jobs)}", "done"),
        lambda: reference.post("/change", json.dumps({"key": uuid4().hex})),
        seconds=seconds,
    )
    return "heartbeat / one insert, one update, commit", "≥ 0.8", times


def _incident_page(built: World, ours: int, plain: int, seconds: float) -> Measured:
    client, reference = Client(ours, {"Cookie": f"postmortems={built.session}"}), Client(plain)
    path = f"/incidents/{built.template}"
    length = len(client.get(path))
    times = side_by_side(
        lambda: client.get(path), lambda: reference.get(f"/page?bytes={length}"), seconds=seconds
    )
    return f"incident page, {length // 1024} KiB / bare page of that size", "≥ 0.5", times


def _report(built: World, ours: int, plain: int, seconds: float) -> Measured:
    client, reference = Client(ours, _bearer(built.token)), Client(plain)
    times = side_by_side(
        lambda: client.get("/api/v1/reports/process-fixes"),
        lambda: reference.get("/figures"),
        seconds=seconds,
    )
    return "process-fixes report / one SQL over the same rows", "≥ 0.5", times


def _save(built: World, seconds: float) -> Measured:
    numbers = itertools.count()
    starts = itertools.count(RAW_FROM, RAW_STRIDE)
    engine = db.engine()

    def raw() -> None:
        with engine.begin() as connection:
            clones.write(connection, clones.moved(built.rows, next(starts)))

    times = side_by_side(lambda: world.save_one(next(numbers)), raw, seconds=seconds)
    return "save of 10 entries, 3 items / the same rows by SQL", "≥ 0.4", times


def _import(seconds: float) -> Measured:
    numbers, again = itertools.count(), itertools.count()
    reader = MarkdownIt()
    held = [reports.text(number) for number in range(reports.COUNT)]
    times = side_by_side(
        lambda: world.import_one(next(numbers)),
        lambda: reader.parse(held[next(again) % reports.COUNT]),
        seconds=seconds,
    )
    return "import of one report / markdown-it-py parsing it", "≥ 0.4", times


def _rendering(seconds: float, *, is_kept: bool) -> Measured:
    numbers, again = itertools.count(), itertools.count()
    times = side_by_side(
        lambda: to_html(reports.text(0 if is_kept else next(numbers))),
        lambda: markdown.markdown(reports.text(0 if is_kept else next(again)), extensions=["tables"]),
        seconds=seconds,
    )
    return f"Markdown, {'kept' if is_kept else 'rendered'} / Python-Markdown", "", times


def _zip(size: int) -> Measured:
    def files() -> Iterator[tuple[str, bytes]]:
        for file in export.files(Filters(), actor=Actor.system("bench"), drafts=True):
            yield file.path, file.content

    written = list(files())

    def alone() -> None:
        with ZipFile(BytesIO(), "w", ZIP_DEFLATED) as reference:
            for path, content in written:
                reference.writestr(path, content)

    times = side_by_side(lambda: deque(zip_stream.zipped(files()), maxlen=0), alone, seconds=0.001)
    return f"export of {size:,} incidents to zip / zipfile alone", "≥ 0.33", times


def _command(built: World, ours: int, plain: int, seconds: float) -> Measured:
    environment = {
        **os.environ,
        "POSTMORTEMS_TOKEN": built.token,
        "POSTMORTEMS_URL": f"http://127.0.0.1:{ours}",
    }
    check = [sys.executable, "-m", "postmortems", "gate", "check", "--service", "bench", "--target", "prod"]
    check += ["--artifact", world.DIGEST, "--confirm-target", "bench/prod"]

    def run(command: list[str]) -> None:
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    times = side_by_side(
        lambda: run(check),
        lambda: run([sys.executable, "-c", ONE_REQUEST, str(plain), uuid4().hex]),
        seconds=seconds,
    )
    return "gate check, whole process / python -c and one request", "+150 ms", times


def _start(seconds: float, *command: str, goal: str) -> Measured:
    """How long a command takes to be there: its help, against click alone. S2 takes the longest."""

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    times = side_by_side(
        lambda: run("-m", "postmortems", *command, "--help"),
        lambda: run("-c", "import click"),
        seconds=seconds,
    )
    words = " ".join([*command, "--help"])
    return f"{words}, whole process / python -c 'import click'", goal, times


if __name__ == "__main__":
    main()
