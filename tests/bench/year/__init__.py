"""A year of a company, compressed into minutes: `python -m tests.bench.year`."""
