"""Stored secrets that guards send, encrypted."""
