"""Presence: who edits an incident at this moment, and which part of it. It expires by itself."""
