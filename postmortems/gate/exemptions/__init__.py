"""Overrides, waivers and pauses."""
