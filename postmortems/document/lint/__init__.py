"""What looks unfinished or odd in a text: leftovers, blank forms, warnings.

Nothing here changes a document.
"""
