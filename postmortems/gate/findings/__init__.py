"""Findings: deploys without a decision, and guards that were not evaluated and let one through."""
