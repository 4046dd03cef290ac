"""The sections, prose, entries, categories and items of an incident as rows: read, and written."""
