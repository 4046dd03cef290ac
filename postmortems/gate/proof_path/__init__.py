"""The path from an action item to the proof that its fix holds, as steps on the incident's page."""
