"""Comments on an incident and its parts: threads, and other words that somebody suggests for a part.

They are no part of the document. `gate.enforcement.suggested_words` applies a suggestion, as any edit.
"""
