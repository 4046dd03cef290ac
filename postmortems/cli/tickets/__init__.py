"""Tickets of action items from the command line, through the server."""
