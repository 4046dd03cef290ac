"""Documents of word processors: `.docx` and `.odt`, read as web pages and then as Markdown."""
