"""Imports of files, previewed or applied, and their progress."""
