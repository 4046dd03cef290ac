#!/usr/bin/env bash
# Guess: a report's query for PostgreSQL, how many days each incident lasted and half of how many there were, says the same in another database
# when sqlglot has put it into that one's words, told to raise an error for what it cannot say there (unsupported_level).
# Seen, sqlglot 30.30.0: of `resolved::date - started::date` it makes `DATE(resolved) - DATE(started)` for SQLite, which takes years of the
# texts: from 31 March to 2 April are 0, and from 30 December to 2 January is 1. For DuckDB 2.0.1 days are right; there `COUNT(*) / 2` of three,
# 1 in PostgreSQL, is 1.5. No error is raised; for MySQL it leaves the difference of two days as well, which is one of numbers there.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'sqlglot==30.30.0' 'duckdb==2.0.1'
"$folder/venv/bin/python" - <<'PYTHON'
import sqlite3
from importlib.metadata import version

import duckdb
import sqlglot

ROWS = [("2026-03-31", "2026-04-02"), ("2026-12-30", "2027-01-02"), ("2026-06-01", "2026-06-01")]
DAYS = "SELECT resolved::date - started::date FROM incidents ORDER BY started"
HALF = "SELECT COUNT(*) / 2 FROM incidents"


def said(connection, dialect, kind):
    connection.execute(f"CREATE TABLE incidents (started {kind}, resolved {kind})")
    connection.executemany("INSERT INTO incidents VALUES (?, ?)", ROWS)
    found = []
    for query in (DAYS, HALF):
        (words,) = sqlglot.transpile(query, read="postgres", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        found.append([each for (each,) in connection.execute(words).fetchall()])
    return found


seen = {"sqlite": said(sqlite3.connect(":memory:"), "sqlite", "text"), "duckdb": said(duckdb.connect(), "duckdb", "timestamp")}
print(f"sqlglot {version('sqlglot')}, duckdb {version('duckdb')}: days in order of beginning, and half")
print("guess: [2, 0, 3] and [1] from both, or an error")
for name, found in seen.items():
    print(f"{name}: {found}")
assert seen == {"sqlite": [[0, 0, 1], [1]], "duckdb": [[2, 0, 3], [1.5]]}, "it has changed"
PYTHON
