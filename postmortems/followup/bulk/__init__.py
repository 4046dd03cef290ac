"""Bulk edits: what one edit of many items changes, kept so that it can be watched, left and undone.

What is closed by them is judged in `gate.enforcement.bulk_edits`, which does them.
"""
