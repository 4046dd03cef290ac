"""Google Docs' downloads: a document as a web page and as Markdown.

Pure functions that make Markdown. The pictures lie beside the page, or stand at the end of the Markdown.
"""
