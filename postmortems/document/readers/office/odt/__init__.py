"""OpenDocument texts (`.odt`)."""
