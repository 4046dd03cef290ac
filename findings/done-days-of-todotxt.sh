#!/usr/bin/env bash
# What a list of action items in todo.txt keeps when a library reads it and writes it back, as a tool does that ticks one of them.
# Guess: an item that says when it was done ("x 2026-03-02 Rotate the key", a line that todo.txt's own rules show, as the day on which it
# was begun may be missing) says so still, and so does its priority; a time in its words ("before 15:30") stays among them.
# Seen, pytodotxt 3.1.0: the day is read, and is not written where no other stands behind it: "x Rotate the key". Where both stand, and
# a priority before them, the day on which it was done is taken for the one on which it was begun, the other for a word, and what is
# written has neither the first nor the priority. "15:30" is a key with a value, and left out of `bare_description()`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'pytodotxt==3.1.0'
"$folder/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version

from pytodotxt import Task

done = Task("x 2026-03-02 Rotate the key")
both = Task("x 2026-03-02 2026-03-01 Rotate the key")
urgent = Task("x (A) 2026-03-02 2026-03-01 Rotate the key")
timed = Task("(A) 2026-03-01 Rotate the key before 15:30 due:2026-03-09")
print(f"pytodotxt {version('pytodotxt')}, guess: lines come out as they went in, and 15:30 is a word")
print(f"seen:  {done} (done {done.completion_date}); {both}; {urgent} (done {urgent.completion_date}, begun "
      f"{urgent.creation_date}); {timed.bare_description()}")
assert str(done) == "x Rotate the key" and str(done.completion_date) == "2026-03-02", "it has changed"
assert str(both) == "x 2026-03-02 2026-03-01 Rotate the key", "it has changed"
assert str(urgent) == "x 2026-03-01 Rotate the key", "it has changed"
assert urgent.completion_date is None and str(urgent.creation_date) == "2026-03-02", "it has changed"
assert timed.bare_description() == "Rotate the key before" and timed.attributes["15"] == ["30"], "it has changed"
PYTHON
