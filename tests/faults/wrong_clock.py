"""`python -m tests.faults.wrong_clock SECONDS WORDS`: our command with a clock that is ahead by so many."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from postmortems import clock
from postmortems.cli import main

if __name__ == "__main__":
    ahead = timedelta(seconds=int(sys.argv.pop(1)))
    # As each machine has one clock, nothing of the process asks another.
    clock.now = lambda: datetime.now(UTC) + ahead
    main()
