"""Git sync: repositories and incidents kept in step."""
