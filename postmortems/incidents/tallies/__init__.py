"""Tallies: what reports count, kept per incident and in sums beside the incidents themselves."""
