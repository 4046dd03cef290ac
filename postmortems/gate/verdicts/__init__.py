"""Verdicts of guards and how they combine. Pure."""
