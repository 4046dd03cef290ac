"""Approvals: who was asked to review a report, what they approved, when it is due, and what is skipped.

Whether a report is published stays in its status; what is here stands beside it.
"""
