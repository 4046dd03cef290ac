"""Stored secrets that guards send, encrypted; and the runtime, whose egress sends them."""
