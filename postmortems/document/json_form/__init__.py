"""The JSON form of a Document: its fields, conversion both ways, and its JSON Schema."""
