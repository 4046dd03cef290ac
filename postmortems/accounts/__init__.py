"""Accounts: users, sessions, API tokens, CI identities and permissions.

Secrets that guards send are in `vault`.
"""
