"""Confluence: pages of its HTML export, its storage format, and the JSON of its REST API."""
