"""Suggestions of guards for an incident's causes."""
