"""The Document and how it is read, checked, merged and written. Nothing here knows a database or the web."""
