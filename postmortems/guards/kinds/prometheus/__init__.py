"""The kind `prometheus`, with its reading of series."""
