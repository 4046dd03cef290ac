"""How fast we are, as ratios to the plainest way of doing the same work: `python -m tests.bench`."""
