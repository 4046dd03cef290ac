"""Git as a protocol: addresses, transport, reading and committing. What is synced is in `git_sync`."""
