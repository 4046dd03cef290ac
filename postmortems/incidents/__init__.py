"""Incidents: stored, found, shown and edited.

What a document is, is in `document`; closing rules are in `gate`.
"""
