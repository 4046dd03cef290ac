"""The kind `command`, with its runs and API."""
