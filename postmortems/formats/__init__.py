"""Formats that several rooms write or check: CSV, JSON, YAML, zip, artifact identities."""
