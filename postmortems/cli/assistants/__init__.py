"""Commands that assistants start."""
