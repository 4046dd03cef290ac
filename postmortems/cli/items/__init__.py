"""Action items from the command line, through the server."""
