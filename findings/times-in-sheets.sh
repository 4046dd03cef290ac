#!/usr/bin/env bash
# Guess: when an incident began (15:30) and how long it took (26:30, as sheets show hours above a day, "[h]:mm") come out of a sheet of Excel as
# they stand there, or as a number that somebody has to divide; a library that knows dates gives an hour of the day in 24 hours.
# Seen, of a sheet by openpyxl 3.1.5: xlsx2csv 0.8.6 says 03:30:00 for half past three in the afternoon, without AM or PM, and 1.104167
# for 26:30. To exceljs 4.4.0 and read-excel-file 9.3.17 that is half past two in the night of 31 December 1899. xlsx 0.18.5 (SheetJS) says
# 15:30:00 and 26:30 in its CSV; openpyxl and python-calamine 0.9.1 give 26 and a half hours.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'exceljs@4.4.0' 'read-excel-file@9.3.17' 'xlsx@0.18.5'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'openpyxl==3.1.5' 'xlsx2csv==0.8.6' 'python-calamine==0.9.1'
venv/bin/python - <<'PYTHON'
import io
from datetime import datetime, timedelta
from importlib.metadata import version

import openpyxl
from python_calamine import CalamineWorkbook
from xlsx2csv import Xlsx2csv

BEGAN, TOOK = datetime(2026, 3, 2, 15, 30), timedelta(hours=26, minutes=30)
book = openpyxl.Workbook()
book.active.append([BEGAN, TOOK])
book.active["B1"].number_format = "[h]:mm"
book.save("incidents.xlsx")
made = io.StringIO()
Xlsx2csv("incidents.xlsx").convert(made)
read = [each.value for each in openpyxl.load_workbook("incidents.xlsx").active[1]]
(calamine,) = CalamineWorkbook.from_path("incidents.xlsx").get_sheet_by_index(0).to_python()
print("guess: 2026-03-02 15:30:00, and 26:30 or 1.104167 days")
print(f"xlsx2csv {version('xlsx2csv')}: {made.getvalue().strip()}")
print(f"openpyxl {version('openpyxl')} and python-calamine {version('python-calamine')}: {read}")
assert made.getvalue().strip() == "2026-03-02 03:30:00,1.104167", "it has changed"
assert read == calamine == [BEGAN, TOOK], "it has changed"
PYTHON
cat >seen.mjs <<'SCRIPT'
import { readFileSync } from 'node:fs';
import excel from 'exceljs';
import readSheet from 'read-excel-file/node';
import xlsx from 'xlsx';

const path = 'incidents.xlsx';
const book = new excel.Workbook();
await book.xlsx.readFile(path);
const [, ...byExceljs] = book.worksheets[0].getRow(1).values;
const [{ data: [byReader] }] = await readSheet(path);
const csv = xlsx.utils.sheet_to_csv(xlsx.readFile(path).Sheets.Sheet);
const seen = { exceljs: byExceljs, 'read-excel-file': byReader, xlsx: [csv] };
for (const [name, cells] of Object.entries(seen)) {
  const { version } = JSON.parse(readFileSync(`node_modules/${name}/package.json`));
  console.log(`${name} ${version}: ${JSON.stringify(cells)}`);
}
const dates = '["2026-03-02T15:30:00.000Z","1899-12-31T02:30:00.000Z"]';
if (JSON.stringify(Object.values(seen)) !== `[${dates},${dates},["2026-03-02 15:30:00,26:30"]]`) {
  console.error('it has changed');
  process.exit(1);
}
SCRIPT
node seen.mjs
