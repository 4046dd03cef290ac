"""Drafts: what somebody has typed and not saved, kept for them alone. What is saved is no part of it."""
