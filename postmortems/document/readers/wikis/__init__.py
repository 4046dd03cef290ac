"""Markups of wikis: those that are read, and the commands that convert the others."""
