"""Action items and the issues they are linked to in other trackers: what flows which way, and what may not."""
