#!/usr/bin/env bash
# What two libraries that put a line of cron into words say of a rota's or a freeze's schedule, beside the times that cron comes at.
# Guess: who reads the words knows the times, from either: "0 9 13 * 5" comes on the 13th and on each Friday, as cron takes either day,
# and of "*/45 * * * *", which comes at :00 and :45, or "0 */5 * * *", which leaves four hours over at midnight, neither says "every".
# Seen: cronstrue 3.39.0 says of the first "on day 13 of the month, and on Friday", as if the two had to meet; cron-descriptor 2.2.1
# says "or". Both say "every 45 minutes" and "every 5 hours", though every other time is 15 minutes, or 4 hours, after the last. Who
# approves a window by its words approves another.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund 'cronstrue@3.39.0'
python3 -m venv venv
venv/bin/python -m pip --quiet --disable-pip-version-check install 'cron-descriptor==2.2.1' 'croniter==7.0.0'
cat >seen.cjs <<'SCRIPT'
const { writeFileSync } = require('node:fs');
const cronstrue = require('cronstrue');

const lines = ['0 9 13 * 5', '*/45 * * * *', '0 */5 * * *'];
writeFileSync('seen.json', JSON.stringify(Object.fromEntries(lines.map((line) => [line, cronstrue.toString(line)]))));
SCRIPT
node seen.cjs
venv/bin/python - <<'PYTHON'
import json
from datetime import datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from cron_descriptor import get_description
from croniter import croniter


def comes(line: str, count: int) -> list[datetime]:
    times = croniter(line, datetime(2026, 3, 1))
    return [times.get_next(datetime) for _ in range(count)]


node = json.loads(Path("seen.json").read_text())
package = json.loads(Path("node_modules/cronstrue/package.json").read_text())
print(f"guess: 'or' of two days, and no 'every' of uneven times; cronstrue {package['version']}, "
      f"cron-descriptor {version('cron-descriptor')}")
for line, words in node.items():
    print(f"{line}: {words} / {get_description(line)}")
days = [each.day for each in comes("0 9 13 * 5", 5)]
gaps = {line: {(later - earlier).seconds // 60 for earlier, later in pairwise(comes(line, 12))} for line in list(node)[1:]}
print(f"cron comes on days {days}, and after minutes: {gaps}")
assert days == [6, 13, 20, 27, 3] and list(gaps.values()) == [{15, 45}, {300, 240}], "it has changed"
assert "on day 13 of the month, and on Friday" in node["0 9 13 * 5"], "it has changed"
assert "on day 13 of the month, or on Friday" in get_description("0 9 13 * 5"), "it has changed"
assert node["*/45 * * * *"] == get_description("*/45 * * * *") == "Every 45 minutes", "it has changed"
assert "every 5 hours" in node["0 */5 * * *"].lower() and get_description("0 */5 * * *") == "Every 5 hours", "it has changed"
PYTHON
