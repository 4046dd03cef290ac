"""The kind `http`, with its expectations and assertions."""
