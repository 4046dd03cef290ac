"""The kind `signoff`, with its operations, pages and API."""
