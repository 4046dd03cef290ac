"""Notion's downloads: pages as Markdown or HTML, and databases as CSV.

Pure functions that make Markdown; what is in an archive, and which page belongs to which, is the import's.
"""
