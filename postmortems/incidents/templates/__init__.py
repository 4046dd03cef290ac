"""Templates: sections and prompts that a report begins with, by severity and service.

The starters lie in `data/templates/`; what an admin writes or takes away stands in the table and goes first.
"""
