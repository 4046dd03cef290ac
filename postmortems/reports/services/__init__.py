"""Services as other tools read them: metrics for Prometheus, badges, and entities of a catalogue."""
