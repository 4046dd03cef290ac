"""People: accounts, roles, sessions, tokens, and the ways to sign in."""
