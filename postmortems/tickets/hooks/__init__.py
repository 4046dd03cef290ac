"""Webhooks that trackers send: their address, and what is taken of them."""
