"""`python -m tests.bench.year`: a company's year in minutes, and what it leaves behind, month by month.

People's work is that of as many people as --people says; what machines ask is --scale of theirs. Prints
Markdown tables: processor time, rows and bytes. Ends with 1 where sums, the audit chain or a queue are wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from postmortems.db import migrations
from postmortems.db import session as db
from tests.bench.stores import PostgresServer, SqliteFiles, Store
from tests.bench.year import figures
from tests.bench.year.days import Mix
from tests.bench.year.simulation import simulate
from tests.postgres import why_missing

NAME = "year"


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        store = _store(options, stack)
        url, pids = store.fresh(NAME), store.pids()
        stack.callback(store.fresh, NAME)
        stack.callback(db.disconnect)
        migrations.upgrade(db.connect(url))
        mix = Mix(people=options.people, scale=options.scale)
        server, ends_s = pids[0] if pids else None, options.minutes * 60
        found, faults = simulate(
            url, mix, options.days, keep_days=options.keep_days, server=server, ends_s=ends_s
        )
    print(figures.told(found))
    for fault, count in Counter(faults).items():
        print(f"WRONG, {count} ×: {fault}")
    sys.exit(1 if faults else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument(
        "--scale", type=float, default=0.02, help="the share of decisions, evidence, pings and probes"
    )
    parser.add_argument("--keep-days", type=int, default=90, help="as POSTMORTEMS_KEEP_DAYS")
    parser.add_argument("--minutes", type=float, default=60, help="end after so long, wherever it is")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "postmortems-bench"))
    return parser.parse_args()


def _store(options: argparse.Namespace, stack: ExitStack) -> Store:
    if options.database == "sqlite":
        return SqliteFiles(options.cache)
    if missing := why_missing():
        raise SystemExit(missing)
    return stack.enter_context(PostgresServer(options.cache / "postgresql"))


if __name__ == "__main__":
    main()
