"""The kind `window`, with calendars and recurrence rules."""
