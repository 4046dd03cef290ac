"""`python -m tests.bench`: our speed beside the plainest way to do the same, and another build.

Each figure is the median of three rounds, by turns, with the least and the greatest. `speed` is the
reference's time divided by ours: 1.00 is as fast, 0.50 takes twice as long. `times` is how often as fast we
are as the build of the commit that --against names. Nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import psutil

from postmortems.db import session as db
from tests.bench import bulk, commands, commits, digests, editor, gate, pages, weights, worlds, writes
from tests.bench.cases import Bench, Maker, measured
from tests.bench.commits import HERE
from tests.bench.copies import ITEMS
from tests.bench.measuring import Row, growth, table, work_of
from tests.bench.server import APP, PLAIN, running
from tests.bench.stores import PostgresServer, SqliteFiles, Store
from tests.postgres import why_missing

ROWS: dict[str, Maker] = {
    **writes.rows(),
    **bulk.rows(),
    **pages.rows(),
    **weights.rows(),
    **commands.rows(),
    **gate.rows(),
    **editor.rows(),
    **digests.rows(),
}
# What is measured at every size; the rest at the first, as the others would tell nothing new.
AT_EVERY_SIZE = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P14", "P15", "P16")
USUAL = (
    *AT_EVERY_SIZE[:1],
    "P1-50",
    *AT_EVERY_SIZE[1:7],
    "P8",
    "P9",
    "P10",
    "P12",
    "P17",
    *AT_EVERY_SIZE[7:],
)


def main() -> None:
    options = _options()
    options.cache.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    try:
        with ExitStack() as stack:
            for store in _stores(options, stack):
                for size in options.incidents:
                    rows += _measured(store, size, options)
    finally:
        # What was measured before somebody stopped it is told all the same.
        parts = (table(rows, is_wide=not options.markdown), growth(rows, is_wide=not options.markdown))
        print("\n\n".join(filter(None, parts)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=_rows, help=f"of {', '.join(ROWS)}, with commas between")
    parser.add_argument(
        "--incidents", type=_sizes, default=(20_000, 333_334),
        help=f"in the database, {ITEMS} items each; several with commas (20000,333334)",
    )  # fmt: skip
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seconds", type=float, default=0.5, help="length of a round; there are three")
    parser.add_argument("--against", metavar="COMMIT", help="another build to measure beside ours")
    parser.add_argument(
        "--cpu", action="store_true",
        help="measure processors' time, the client's with it, where other work disturbs what passes",
    )  # fmt: skip
    parser.add_argument("--markdown", action="store_true", help="print the tables of docs/speed.md")
    parser.add_argument("--requests", type=int, default=10_000, help="mixed requests of row P15")
    parser.add_argument(
        "--evaluations", type=int, default=10_000_000,
        help="stored evaluations of row P13; ten million take minutes and some GB",
    )  # fmt: skip
    parser.add_argument(
        "--people", type=int, default=5_000, help="of row D1, who get digests of twelve items each"
    )
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir(), "postmortems-bench"),
        help="where filled databases and checkouts are kept for the next run",
    )  # fmt: skip
    return parser.parse_args()


def _rows(said: str) -> tuple[str, ...]:
    wanted = tuple(said.split(","))
    if unknown := [row for row in wanted if row not in ROWS]:
        raise argparse.ArgumentTypeError(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    return wanted


def _sizes(said: str) -> tuple[int, ...]:
    sizes = tuple(int(one) for one in said.split(","))
    if min(sizes) < 1:
        raise argparse.ArgumentTypeError("there has to be one incident at least")
    return sizes


def _stores(options: argparse.Namespace, stack: ExitStack) -> Iterator[Store]:
    if options.database in ("sqlite", "both"):
        yield SqliteFiles(options.cache)
    if options.database in ("postgresql", "both"):
        if missing := why_missing():
            print(missing, file=sys.stderr)
        else:
            yield stack.enter_context(PostgresServer(options.cache / "postgresql"))


def _measured(store: Store, size: int, options: argparse.Namespace) -> Iterator[Row]:
    print(f"{store.title}, {size:,} incidents …", file=sys.stderr, flush=True)
    with ExitStack() as stack:
        bench = _bench(store, size, options, stack)
        for number in options.rows or (USUAL if size == options.incidents[0] else AT_EVERY_SIZE):
            for case in ROWS[number](bench):
                print(f"  {number}, {case.work} …", file=sys.stderr, flush=True)
                yield measured(bench, number, case, store.title, f"{size * ITEMS:,}")


def _bench(store: Store, size: int, options: argparse.Namespace, stack: ExitStack) -> Bench:
    """This build, the plain application and the other build, each served as long as the stack lasts."""
    other = commits.checkout(options.against, options.cache) if options.against else None
    world = stack.enter_context(worlds.opened(HERE, store, size, options.cache))
    theirs = None
    if other:
        its_world = stack.enter_context(worlds.opened(other, store, size, options.cache))
        theirs = stack.enter_context(running(APP, its_world, other))
    stack.callback(db.disconnect)
    ours = stack.enter_context(running(APP, world))
    plain = stack.enter_context(running(PLAIN, world))
    db.connect(world.url)
    clock = work_of([psutil.Process(pid) for pid in store.pids()]) if options.cpu else perf_counter
    return Bench(ours, plain, theirs, options, clock)


if __name__ == "__main__":
    main()
