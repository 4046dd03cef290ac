"""The life of a token: from where it is accepted, how it is replaced, and which are unused or about to end.
Making and revoking one is in `accounts.operations`."""
