#!/usr/bin/env bash
# What becomes of an action item's words in a file of HOCON (application.conf), which services of the JVM use, when Python reads it.
# Guess: text without quotes is text, as HOCON has it: `text = Rotate the key in 2 weeks` and `due = 2 weeks` come out as they stand, and
# only who asks for a duration gets one; "#" begins a remark, and numbers are numbers.
# Seen, pyhocon 0.3.63: a number before a word that is a unit is a duration wherever it stands, and its Python form is written into
# the sentence: "Rotate the key in relativedelta(days=+14)". `due = 2 weeks` is no text, and "5 m" five minutes in a list of
# distances. An id like 007 is 7.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'pyhocon==0.3.63' 'python-dateutil==2.9.0.post0'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from pyhocon import ConfigFactory

item = ConfigFactory.parse_string("""
text = Rotate the key in 2 weeks
quoted = "Rotate the key in 2 weeks"
due = 2 weeks
cables = [5 m, 10 m]
incident = 007
at = 15:30
""")
print(f"pyhocon {version('pyhocon')}, guess: Rotate the key in 2 weeks, 2 weeks, ['5 m', '10 m']")
print(f"seen:  {item['text']}, {item['due']!r}, {item['cables']}, {item['incident']!r}")
assert item["text"] == "Rotate the key in relativedelta(days=+14)", "it has changed"
assert item["quoted"] == "Rotate the key in 2 weeks" and item["at"] == "15:30", "it has changed"
assert type(item["due"]).__name__ == "relativedelta" and item["incident"] == 7, "it has changed"
assert [each.minutes for each in item["cables"]] == [5, 10], "it has changed"
PYTHON
