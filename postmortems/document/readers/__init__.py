"""Readers of files: HTML, reStructuredText, notebooks, chats and plain text, all by way of Markdown."""
