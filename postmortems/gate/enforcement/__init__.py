"""Rules that guard changes: when an item may be done, and when a guard may block."""
