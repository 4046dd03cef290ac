"""Signatures: our signed tokens, and those of outgoing webhooks."""
