#!/usr/bin/env bash
# Guess: who installs a newer tzdata from the package index has newer time zones.
# Seen, CPython 3.11's zoneinfo: where the system has tables, however old, the package is never looked at; it serves
# only zones that the system lacks. Here the system's are made up of those of the package tzdata 2024.1, by PYTHONTZPATH.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'tzdata==2026.6'
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import os
import subprocess
import sys
from pathlib import Path

import tzdata

folder = Path(sys.argv[1])
subprocess.run(
    [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps", "--target", str(folder / "old"), "tzdata==2024.1"],
    check=True,
)
system = folder / "old" / "tzdata" / "zoneinfo"
ASK = """
from datetime import datetime
from zoneinfo import ZoneInfo
print(datetime(2027, 1, 5, 9, tzinfo=ZoneInfo("America/Vancouver")).strftime("%z"))
"""


def asked(path):
    environment = {**os.environ, "PYTHONTZPATH": str(path)}
    return subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True).stdout.strip()


with_system, without = asked(system), asked(folder / "nothing")
print(f"Python {sys.version.split()[0]}, tzdata {tzdata.IANA_VERSION} installed, 2024a as the system's: America/Vancouver, 2027-01-05")
print(f"guess: {without}, as the installed package has it")
print(f"seen:  {with_system}")
assert (with_system, without) == ("-0800", "-0700"), "it has changed"
PYTHON
