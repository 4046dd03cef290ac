"""Figures of the year: processor time by work, rows and bytes by table, month by month, and their tables."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from time import process_time

import psutil
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from postmortems.db import session as db
from postmortems.db.session import Base

# The tables with the most rows at the end; the rest grow with nothing, or hardly.
SHOWN = 16
WHOLE = "all of it"
# A pragma of the standard library's SQLite that ours lacks, and in a process of its own: two libraries in one
# would end each other's locks.
SIZES_OF_A_FILE = """
import json, sqlite3, sys
with sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True) as file:
    kept = dict(file.execute("SELECT name, tbl_name FROM sqlite_schema"))
    sizes = {}
    for name, size in file.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
        table = kept.get(name, name)
        sizes[table] = sizes.get(table, 0) + size
print(json.dumps(sizes))
"""
SIZES_OF_TABLES = text(
    # Of a table that is kept by month, all months.
    "SELECT coalesce(whole.relname, one.relname) AS relname,"
    " sum(pg_total_relation_size(one.oid))::bigint AS size"
    " FROM pg_class AS one LEFT JOIN pg_inherits ON inhrelid = one.oid LEFT JOIN pg_class AS whole ON"
    " whole.oid = inhparent WHERE one.relkind = 'r' AND one.relnamespace = 'public'::regnamespace GROUP BY 1"
)


class Figures:
    """What was measured in each month. `server` is the process of PostgreSQL that begets its others."""

    def __init__(self, server: int | None = None) -> None:
        self.server = server
        self.days: list[int] = []
        self.months: list[dict[str, float]] = []
        self.rows: list[Mapping[str, float]] = []
        self.bytes: list[Mapping[str, float]] = []
        self._took: defaultdict[str, list[float]] = defaultdict(list)

    @contextmanager
    def measured(self, work: str) -> Iterator[None]:
        """Note the processor's milliseconds of a block: ours, and the database's."""
        begun = self._worked_ms()
        yield
        self._took[work].append(self._worked_ms() - begun)

    @staticmethod
    def tidy() -> None:
        """Do what a server of PostgreSQL does by itself, and ours for tests does not."""
        if db.engine().dialect.name == "postgresql":
            with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")

    def end_month(self, day: int, url: str) -> None:
        """Keep the medians since the last month, and how much is stored at the end of this day."""
        self.days.append(day)
        self.months.append({work: median(took) for work, took in self._took.items()})
        self._took.clear()
        self.rows.append(rows())
        self.bytes.append(sizes(url))

    def _worked_ms(self) -> float:
        return process_time() * 1000 + (_ms_of_children(self.server) if self.server else 0)


def rows() -> dict[str, float]:
    """By table, how many rows it has."""
    with db.reading():
        connection = db.connection()
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def sizes(url: str) -> dict[str, float]:
    """By table, its bytes with its indexes; of full text, what is kept beside `search_entries`, too."""
    if url.startswith("sqlite"):
        path = make_url(url).database
        assert path is not None
        with suppress(subprocess.CalledProcessError):
            command = [sys.executable, "-c", SIZES_OF_A_FILE, path]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            return dict(json.loads(done.stdout))
        return {WHOLE: Path(path).stat().st_size}
    with db.reading():
        return {row.relname: row.size for row in db.rows(SIZES_OF_TABLES)}


def _ms_of_children(pid: int) -> float:
    """How long the children of a process have been on a processor: Linux counts it finer than in ticks, but
    for those that have ended."""
    ended = psutil.Process(pid).cpu_times()
    total = (ended.children_user + ended.children_system) * 1000
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        # One that ends at this moment is counted among the ended next time.
        with suppress(OSError):
            total += int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) / 1e6
    return float(total)


def told(figures: Figures) -> str:
    """The tables of the year, in Markdown."""
    megabytes = [{name: size / 1e6 for name, size in month.items()} for month in figures.bytes]
    parts = (
        ("Processor time, median, ms", figures.months, "{:,.2f}".format, None),
        ("Rows", figures.rows, "{:,.0f}".format, SHOWN),
        ("MB, with indexes", [_with_sum(month) for month in megabytes], "{:,.2f}".format, SHOWN),
    )
    return "\n\n".join(_table(figures.days, *part) for part in parts)


def _with_sum(month: Mapping[str, float]) -> dict[str, float]:
    return {**month, WHOLE: sum(month.values())}


def _table(
    days: Sequence[int],
    title: str,
    months: Sequence[Mapping[str, float]],
    written: Callable[[float], str],
    most: int | None,
) -> str:
    last = months[-1]
    names = sorted(last, key=lambda name: -last[name])[:most] if most else sorted(last)
    lines = [f"| {title} | " + " | ".join(f"day {day}" for day in days) + " |"]
    lines.append("| --- |" + " --- |" * len(months))
    for name in names:
        cells = (written(month[name]) if name in month else "–" for month in months)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
