"""Coverage: which incidents today's guards would stop."""
