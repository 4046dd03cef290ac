#!/usr/bin/env bash
# Guess: to-dos of a calendar sorted by priority begin with the most urgent (1; 0 is "undefined", RFC 5545 §3.8.1.9), sorted by the day they
# are due backwards they begin with the last, and those without a day stand at one end; a to-do whose end is said by DTSTART and DURATION
# (§3.6.2) is due then; one that is done by a hundred percent is not open.
# Seen, icalendar-searcher 1.3.0: what has no priority comes before 1. Backwards by DUE it raises a TypeError as soon as one has none. The
# one with a DURATION, due first, is sorted behind all that have a day; one with PERCENT-COMPLETE:100 is found among the open.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install 'icalendar-searcher==1.3.0' 'icalendar==7.3.2'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version

from icalendar import Todo
from icalendar_searcher import Searcher


def todo(name: str, **values: object) -> Todo:
    one = Todo()
    for key, value in {"uid": name, "summary": name, "dtstamp": datetime(2026, 3, 1, tzinfo=UTC), **values}.items():
        one.add(key.replace("_", "-"), value)
    return one


def in_order(todos: list[Todo], key: str, *, backwards: bool = False) -> list[str]:
    searcher = Searcher(todo=True)
    searcher.add_sort_key(key, backwards)
    return [str(one["summary"]) for one in searcher.sort(todos)]


URGENT = [todo("urgent", priority=1), todo("later", priority=9), todo("undefined", priority=0), todo("without")]
DUE = [
    todo("by length", dtstart=date(2026, 3, 1), duration=timedelta(days=1)),
    todo("ninth", due=date(2026, 3, 9)),
    todo("third", due=date(2026, 3, 3)),
    todo("some day"),
]
by_priority, by_due = in_order(URGENT, "priority"), in_order(DUE, "due")
try:
    backwards = str(in_order(DUE, "due", backwards=True))
except TypeError as error:
    backwards = f"TypeError: {error}"
done = todo("done", due=date(2026, 3, 9), percent_complete=100)
is_open = bool(list(Searcher(todo=True).check_component(done) or []))
print(f"icalendar-searcher {version('icalendar-searcher')}")
print(f"by priority, guess: urgent, later, and the rest; seen: {by_priority}")
print(f"by due date, guess: by length, third, ninth, some day; seen: {by_due}")
print(f"backwards, guess: ninth, third, by length and some day at an end; seen: {backwards}")
print(f"100 percent, guess: not open; seen: open {is_open}")
assert by_priority.index("urgent") == 2 and by_due[:2] == ["third", "ninth"], "it has changed"
assert backwards.startswith("TypeError") and is_open, "it has changed"
PYTHON
