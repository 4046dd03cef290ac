"""Incidents as CSV, feed, standalone pages and downloads."""
