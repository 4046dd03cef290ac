"""Markdown to Document and back. Other formats become Markdown first, in `readers`."""
