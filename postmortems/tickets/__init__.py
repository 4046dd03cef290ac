"""Action items and the issues of other trackers they are linked to: what flows which way, what may not."""
