"""Reports fetched from trackers and paging services by their APIs, as files."""
