"""Kept parts of pages: rendered once, and shown again as long as all that they were made of is the same.

What is of one reader, session or moment is put in when the page is sent. What is kept of an incident's texts
alone, for every reader, is in `web/rendered_parts.py`.
"""
