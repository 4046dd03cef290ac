"""Edits written back into the author's own text, so that only the lines of what changed differ."""
