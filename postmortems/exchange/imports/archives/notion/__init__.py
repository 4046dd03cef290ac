"""Notion's download as a whole: which page stands below which, and what becomes a report."""
