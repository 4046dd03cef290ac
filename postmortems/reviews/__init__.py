"""Reviews: conflicts that a person decides. What the answer does is in `exchange.resolve_conflict`."""
