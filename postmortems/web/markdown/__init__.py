"""Markdown as safe HTML, rendered in a child process."""
