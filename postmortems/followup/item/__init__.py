"""What is told and done about one action item: its history, comments, and triage.

Edits of its fields are those of its document: `gate.enforcement.save_incident.edit_item`.
"""
