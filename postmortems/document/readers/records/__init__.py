"""Records of other tools (an issue, an incident of a paging service) as values, and as Markdown."""
