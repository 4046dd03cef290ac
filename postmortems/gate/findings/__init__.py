"""Findings: what happened although it should not have."""
