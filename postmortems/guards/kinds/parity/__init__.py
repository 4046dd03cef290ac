"""The kind `parity`, with its comparison of versions."""
