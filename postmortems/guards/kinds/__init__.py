"""The kinds of guards: one module each, or a folder where a kind needs more."""
