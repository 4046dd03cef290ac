"""Decisions: asked, made, stored, shown and verified."""
