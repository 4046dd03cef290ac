#!/usr/bin/env bash
# Guess: readers of CSV that find out types themselves take "02.03.26" in a list of action items, as half of Europe writes the second of
# March, for that day, for the third of February, or leave it as text: no day of it is above 12. Told that days come first, they
# read days as people write them that way, and leave 2026-03-02 as it is, which nobody means otherwise.
# Seen: duckdb 2.0.1 makes 26 March 2002 of it, polars 2.1.0 the second of March in the year 26, and pandas 3.1.1 and agate 1.14.2 the
# third of February; all say that it is a date, and pandas alone warns. With dayfirst=True it has the second of March, and turns times by
# ISO 8601 around, too: 2026-03-02T15:30:00Z is the third of February then. Items are overdue by decades, or due in another month.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'duckdb==2.0.1' 'polars==2.1.0' 'pandas==3.1.1' 'agate==1.14.2'
printf 'key,due\nAI-1,02.03.26\nAI-2,05.03.26\n' >items.csv
printf 'key,due\nAI-1,2026-03-02T15:30:00Z\nAI-2,2026-03-05T15:30:00Z\n' >iso.csv
venv/bin/python - <<'PYTHON'
import warnings
from importlib.metadata import version

import agate
import duckdb
import pandas
import polars

warnings.simplefilter("ignore")  # pandas says that it found no format
seen = {
    "duckdb": duckdb.sql("select due from 'items.csv'").fetchall()[0][0],
    "polars": polars.read_csv("items.csv", try_parse_dates=True)["due"][0],
    "pandas": pandas.read_csv("items.csv", parse_dates=["due"])["due"][0].date(),
    "agate": agate.Table.from_csv("items.csv").columns["due"][0],
}
print("guess: 2026-03-02, 2026-02-03 or 02.03.26")
for name, day in seen.items():
    print(f"{name} {version(name)}: {day}")
assert [str(day) for day in seen.values()] == ["2002-03-26", "0026-03-02", "2026-02-03", "2026-02-03"], "it has changed"
turned = [str(pandas.read_csv(name, parse_dates=["due"], dayfirst=True)["due"][0]) for name in ("items.csv", "iso.csv")]
print(f"pandas with dayfirst=True, guess: 2026-03-02 of both; seen: {turned}")
assert turned == ["2026-03-02 00:00:00", "2026-02-03 15:30:00+00:00"], "it has changed"
PYTHON
