"""The catalog of reports: each a frozen value that the same writers make page, JSON, CSV and Markdown."""
