"""Rest: for how long work on many rows leaves the database to others after each of its transactions."""

from __future__ import annotations

import time

# So many times as long as it took, seconds at most.
TIMES, LONGEST_S = 4, 2.0


def after(began: float) -> None:
    """Rest from a transaction that began at this moment of the monotonic clock."""
    time.sleep(min(TIMES * (time.monotonic() - began), LONGEST_S))
