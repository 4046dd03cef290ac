"""Incidents as documents of Word, by python-docx."""
