"""Tallies restated: what incidents add to the sums of reports, worked out anew when its reasons change."""
