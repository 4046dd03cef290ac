"""Webhooks to receivers: an outbox filled from audit events, and its delivery."""
