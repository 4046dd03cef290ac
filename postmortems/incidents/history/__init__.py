"""The history of an incident: its versions, what each changed, who wrote what, and restoring."""
